using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Pipeline.Stages.Ingest;

/// <summary>One hash over all that a source lists, in order: equal to that of an earlier run, nothing is to be done.</summary>
/// <remarks>Over the classes and, of every entry, uri, size, time, class, split, group and further columns; so a label corrected in a table is seen too.</remarks>
public sealed class ListingHash
{
    private readonly XxHash128 hash = new();

    /// <summary>Begins with the classes.</summary>
    public ListingHash(IReadOnlyList<string> classNames)
    {
        Add(classNames.Count);
        foreach (var name in classNames)
            Add(name);
    }

    /// <summary>Takes the next entry.</summary>
    public void Add(SourceEntry entry)
    {
        Add(entry.Uri);
        Add(entry.Size);
        Add(entry.ModifiedTicks);
        Add(entry.Fault?.Kind ?? "");
        Add(entry.LabelName);
        Add(entry.Split);
        Add(entry.Group);
        Add(entry.Extra.Count);
        foreach (var (name, value) in entry.Extra.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(name);
            Add(value);
        }
    }

    /// <summary>Takes the next file in which images lie.</summary>
    internal void Add(ListedFile container)
    {
        Add(container.Name);
        Add(container.Size);
        Add(container.ModifiedTicks);
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetCurrentHash());

    private void Add(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Add(bytes.Length);
        hash.Append(bytes);
    }

    private void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.Append(bytes);
    }
}
