using System.Security.Cryptography;
using System.Text;
using Pipeline.Sdk;

namespace Pipeline.Stages.Isolation;

/// <summary>A small file in which a process says what its model call is about; one for each call that is made at one time.</summary>
/// <remarks>
/// <para>The process holds the file locked for as long as it lives, and the operating system lets go of it with the process: so a mark of which
/// nobody holds the lock is of a process that died, on whatever machine, and one of a live process is never taken.</para>
/// <para>It is rewritten in place, two writes of a few kilobytes a call, and not fsynced: what a process wrote outlives it in the page cache. A
/// machine that goes down may lose it, and then a crash is not counted.</para>
/// <para>A line is a sample and its variant, parted by a tab; an empty line ends them, and what stands behind it is of an earlier call.</para>
/// </remarks>
internal sealed class CrashMark : IDisposable
{
    private const string Ending = ".mark";
    private const int Attempts = 3; // another process may take a newborn file for one of a dead process
    private static readonly byte[] Nothing = "\n"u8.ToArray();

    private readonly FileStream file;
    private byte[] bytes = new byte[4096];

    private CrashMark(FileStream file) => this.file = file;

    /// <summary>A mark of this process; null when none can be made, as on a full disk: the call is then made without.</summary>
    public static CrashMark? Take(string folder)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                Directory.CreateDirectory(folder);
                var path = Path.Combine(folder, RandomNumberGenerator.GetHexString(16, lowercase: true) + Ending);
                var made = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
                if (File.Exists(path))
                {
                    return new CrashMark(made);
                }

                made.Dispose();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // once more
            }
        }

        return null;
    }

    /// <summary>What the calls were about in which processes died that had marks in this folder; each is told once, and its mark goes.</summary>
    /// <param name="folder">Holds the marks.</param>
    /// <param name="note">Takes the items of one call, and writes them down before the mark goes.</param>
    public static void TakeDead(string folder, Action<IReadOnlyList<ItemKey>> note)
    {
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + Ending) : [])
        {
            try
            {
                using var left = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
                using var reader = new StreamReader(left, Encoding.UTF8);
                note([.. Items(reader.ReadToEnd())]);
                left.SetLength(0); // another process may have opened it before it goes
                File.Delete(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // held by a live process, or taken by another one just now
            }
        }
    }

    /// <summary>Says what the call is about that begins now; false when it cannot be said.</summary>
    public bool Write<T>(IReadOnlyList<Item<T>> items)
    {
        var length = 0;
        foreach (var item in items)
        {
            Append(item.SampleId, '\t', ref length);
            Append(item.VariantId ?? "", '\n', ref length);
        }

        Append("", '\n', ref length);
        return Write(bytes.AsSpan(0, length));
    }

    /// <summary>The call has ended.</summary>
    public void Clear() => Write(Nothing);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (File.Exists(file.Name))
        {
            File.Delete(file.Name);
        }

        file.Dispose();
    }

    private static IEnumerable<ItemKey> Items(string text) =>
        text.Split('\n')
            .TakeWhile(line => line.Length > 0)
            .Select(line => line.Split('\t'))
            .Where(parts => parts.Length == 2)
            .Select(parts => new ItemKey(parts[0], parts[1].Length > 0 ? parts[1] : null));

    private bool Write(ReadOnlySpan<byte> text)
    {
        try
        {
            RandomAccess.Write(file.SafeFileHandle, text, 0);
            return true;
        }
        catch (IOException)
        {
            return false; // no room
        }
    }

    private void Append(string text, char end, ref int length)
    {
        var most = length + Encoding.UTF8.GetMaxByteCount(text.Length + 1);
        if (most > bytes.Length)
        {
            Array.Resize(ref bytes, 2 * most);
        }

        length += Encoding.UTF8.GetBytes(text, bytes.AsSpan(length));
        bytes[length++] = (byte)end;
    }
}
