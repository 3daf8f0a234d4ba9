using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;

namespace Pipeline.Stages.Tests.Ingest;

/// <summary>Writes Parquet files with Apache's C++ library, as pyarrow does: every column optional, the image a struct of bytes and path.</summary>
internal sealed class ParquetInput
{
    /// <summary>Metadata of a label with two classes.</summary>
    public const string CatAndDog =
        """{"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}""";

    public Compression Compression { get; init; } = Compression.Uncompressed;

    public bool Dictionary { get; init; }

    public ParquetDataPageVersion Version { get; init; } = ParquetDataPageVersion.V1;

    public int GroupRows { get; init; } = 1_000;

    public long PageBytes { get; init; } = 1 << 20;

    public string? HuggingFace { get; init; }

    public string ImageName { get; init; } = "image";

    /// <summary>Whether the image is bytes alone.</summary>
    public bool Bare { get; init; }

    /// <summary>Whether the label is the text of <see cref="ParquetRow.Name"/>.</summary>
    public bool NamedLabels { get; init; }

    public byte[] Write(params ParquetRow[] rows)
    {
        using var buffer = new ResizableBuffer();
        using (var stream = new BufferOutputStream(buffer))
            Write(stream, rows);
        return buffer.ToArray();
    }

    private void Write(BufferOutputStream stream, ParquetRow[] rows)
    {
        var hasSplit = rows.Any(row => row.Split is not null);
        using var builder = new WriterPropertiesBuilder().Compression(Compression).DataPagesize(PageBytes).WriteBatchSize(1);
        using var properties = (Dictionary ? builder : builder.DisableDictionary()).DataPageVersion(Version).Build();
        using var schema = Schema(hasSplit);
        var keys = HuggingFace is null ? null : new Dictionary<string, string> { ["huggingface"] = HuggingFace };
        using var writer = new ParquetFileWriter(stream, schema, properties, keyValueMetadata: keys);
        foreach (var chunk in rows.Chunk(GroupRows))
            WriteGroup(writer, chunk, hasSplit);
        writer.Close();
    }

    private void WriteGroup(ParquetFileWriter writer, ParquetRow[] rows, bool hasSplit)
    {
        using var group = writer.AppendRowGroup();
        if (Bare)
        {
            Put(group, rows, row => row.Bytes);
        }
        else
        {
            Put<Nested<byte[]?>?>(group, rows, row => row is { Bytes: null, Path: null } ? null : new(row.Bytes));
            Put<Nested<string?>?>(group, rows, row => row is { Bytes: null, Path: null } ? null : new(row.Path));
        }

        if (NamedLabels)
            Put(group, rows, row => row.Name);
        else
            Put(group, rows, row => row.Label);
        if (hasSplit)
            Put(group, rows, row => row.Split);
        Put(group, rows, row => row.Group);
        Put(group, rows, row => row.Score);
        Put(group, rows, row => row.Box);
    }

    private static void Put<T>(RowGroupWriter group, ParquetRow[] rows, Func<ParquetRow, T> cell)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch(Array.ConvertAll(rows, row => cell(row)));
    }

    private GroupNode Schema(bool hasSplit)
    {
        Node image = Bare
            ? Leaf(ImageName, LogicalType.None(), PhysicalType.ByteArray)
            : new GroupNode(
                ImageName,
                Repetition.Optional,
                [Leaf("bytes", LogicalType.None(), PhysicalType.ByteArray), Leaf("path", LogicalType.String(), PhysicalType.ByteArray)]
            );
        var item = new PrimitiveNode("item", Repetition.Required, LogicalType.None(), PhysicalType.Float);
        Node[] nodes =
        [
            image,
            NamedLabels
                ? Leaf("label", LogicalType.String(), PhysicalType.ByteArray)
                : Leaf("label", LogicalType.None(), PhysicalType.Int64),
            .. hasSplit ? [Leaf("split", LogicalType.String(), PhysicalType.ByteArray)] : Array.Empty<Node>(),
            Leaf("domain", LogicalType.String(), PhysicalType.ByteArray),
            Leaf("width", LogicalType.None(), PhysicalType.Double),
            new GroupNode("box", Repetition.Optional, [new GroupNode("list", Repetition.Repeated, [item])], LogicalType.List()),
        ];
        return new GroupNode("schema", Repetition.Required, nodes);
    }

    private static PrimitiveNode Leaf(string name, LogicalType type, PhysicalType physical) =>
        new(name, Repetition.Optional, type, physical);
}
