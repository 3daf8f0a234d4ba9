using System.Runtime.InteropServices;
using CsCheck;
using Pipeline.Shards.Records;

namespace Pipeline.Shards.Tests.Records;

public sealed class ShardRowsTests : IDisposable
{
    private const string Uri = "a/b.parquet";
    private readonly TemporaryFolder folder = new();

    private static readonly Gen<Everything> AnyRow =
        from text in Gen.String.AlphaNumeric
        from note in Gen.String.AlphaNumeric.Null()
        from label in Gen.Int
        from rank in Gen.Int.Nullable()
        from size in Gen.Long
        from score in Gen.Float
        from area in Gen.Double.Nullable()
        from kept in Gen.Bool
        from image in Gen.Byte.Array[0, 9]
        from embedding in Gen.Float.Array[0, 4].Null()
        from tags in Gen.String.AlphaNumeric.Array[0, 3]
        select new Everything(text, note, label, rank, size, score, area, kept, image, embedding, tags);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Records_of_every_type_come_back()
    {
        await AnyRow
            .Array[0, 20]
            .SampleAsync(
                async rows =>
                {
                    await ShardFile.WriteAsync(folder.Store, Uri, ShardRows.ToTable(rows), Footers.Caption);
                    var read = await ShardRows.ReadAsync<Everything>(folder.Store, Uri);

                    read.Should().BeEquivalentTo(rows, options => options.WithStrictOrdering().ComparingByMembers<Everything>());
                },
                iter: 20,
                threads: 1
            );
    }

    [Fact]
    public void Columns_are_named_after_properties_in_order_of_declaration()
    {
        var names = ShardRows.ToTable<Everything>([]).Columns.Select(column => $"{column.Name}:{column.Type}");

        names
            .Should()
            .Equal(
                "sample_id:string",
                "note:string?",
                "label:int32",
                "rank:int32?",
                "size_bytes:int64",
                "score:float32",
                "area:float64?",
                "kept:bool",
                "image.bytes:binary",
                "embedding:list<float32>?",
                "tags:list<string>"
            );
    }

    [Fact]
    public void The_schema_lists_what_the_table_has_and_the_further_columns()
    {
        var described = ShardSchema.Describe(typeof(Carrying));

        described.Should().Equal("id:string", "weight:float64?", "*:string?");
    }

    [Fact]
    public void Init_properties_are_read_and_computed_ones_are_not()
    {
        var rows = new[]
        {
            new InitOnly { Width = 3, Height = 4 },
        };

        var table = ShardRows.ToTable(rows);
        var read = ShardRows.FromTable<InitOnly>(table);

        table.Columns.Select(column => column.Name).Should().Equal("width", "height");
        read.Should().Equal(rows);
    }

    [Fact]
    public void A_struct_record_comes_back()
    {
        Point[] rows = [new(1, 2), new(3, 4)];

        var read = ShardRows.FromTable<Point>(ShardRows.ToTable(rows));

        read.Should().Equal(rows);
    }

    [Fact]
    public void Further_text_columns_are_carried_through()
    {
        Carrying[] rows =
        [
            new("a", new Dictionary<string, string> { ["Beak Size"] = "", ["wing"] = "long" }) { Weight = 1.5 },
            new("b", new Dictionary<string, string>()),
            new("c", new Dictionary<string, string> { ["wing"] = "short" }),
        ];

        var table = ShardRows.ToTable(rows);
        var read = ShardRows.FromTable<Carrying>(table);

        table.Columns.Select(column => column.Name).Should().Equal("id", "weight", "Beak Size", "wing");
        table.Get<string?>("wing").Should().Equal("long", null, "short");
        read.Should().BeEquivalentTo(rows, options => options.WithStrictOrdering().ComparingByMembers<Carrying>());
    }

    [Fact]
    public async Task Further_columns_are_fetched_with_the_record()
    {
        Carrying[] rows = [new("a", new Dictionary<string, string> { ["wing"] = "long" })];
        await ShardFile.WriteAsync(folder.Store, Uri, ShardRows.ToTable(rows), Footers.Caption);

        var read = await ShardRows.ReadAsync<Carrying>(folder.Store, Uri);

        read[0].Extra.Should().Equal(rows[0].Extra);
    }

    [Fact]
    public void A_further_column_under_a_property_s_name_is_refused()
    {
        Carrying[] rows = [new("a", new Dictionary<string, string> { ["id"] = "b" })];

        var take = () => ShardRows.ToTable(rows);

        take.Should().Throw<ShardColumnException>().WithMessage("Column 'id' is there twice*");
    }

    [Fact]
    public async Task A_column_added_later_reads_as_null_in_an_older_shard()
    {
        await ShardFile.WriteAsync(folder.Store, Uri, ShardRows.ToTable<Older>([new("a")]), Footers.Caption);

        var read = await ShardRows.ReadAsync<Newer>(folder.Store, Uri);

        read.Should().Equal(new Newer("a", null, null, null));
    }

    [Fact]
    public async Task A_column_that_must_be_there_and_is_not_is_named()
    {
        await ShardFile.WriteAsync(folder.Store, Uri, ShardRows.ToTable<Older>([new("a")]), Footers.Caption);

        var read = () => ShardRows.ReadAsync<Stricter>(folder.Store, Uri);

        (await read.Should().ThrowAsync<ShardColumnException>()).WithMessage(
            "Column 'score' is missing; Stricter must have it, of type float32.*"
        );
    }

    [Fact]
    public void A_column_of_another_type_is_named_with_both_types()
    {
        var table = new ShardTable(ShardColumn.Of("id", new[] { 1 }));

        var read = () => ShardRows.FromTable<Older>(table);

        read.Should().Throw<ShardColumnException>().WithMessage("Column 'id' is of type int32; Older must have string.*");
    }

    [Fact]
    public void A_null_where_none_may_be_is_named_by_row()
    {
        var table = new ShardTable(ShardColumn.Of("x", new int?[] { 1, null }), ShardColumn.Of("y", new[] { 1, 2 }));

        var read = () => ShardRows.FromTable<Point>(table);

        read.Should().Throw<ShardColumnException>().WithMessage("Column 'x' is null in row 1; Point must have a value of type int32.*");
    }

    [Fact]
    public void A_nullable_column_without_nulls_and_a_plain_one_fit_either_way()
    {
        var table = new ShardTable(ShardColumn.OfNullable("id", new[] { "a" }), ShardColumn.Of("weight", new[] { 2.0 }));

        var read = ShardRows.FromTable<Carrying>(table);

        read[0].Should().BeEquivalentTo(new Carrying("a", new Dictionary<string, string>()) { Weight = 2.0 });
    }

    [Fact]
    public async Task A_shard_of_other_columns_is_refused()
    {
        await ShardFile.WriteAsync(folder.Store, Uri, new ShardTable(ShardColumn.Of("other", new[] { 1 })), Footers.Caption);

        var read = () => ShardRows.ReadAsync<Older>(folder.Store, Uri);

        (await read.Should().ThrowAsync<ShardColumnException>()).WithMessage($"{Uri} has none of the columns of Older*");
    }

    [Fact]
    public void Types_that_cannot_be_mapped_are_refused_by_name()
    {
        var unknown = () => ShardRows.Fields<WithDecimal>();
        var twice = () => ShardRows.Fields<SameNameTwice>();
        var wrong = () => ShardRows.Fields<WrongExtra>();
        var orphan = () => ShardRows.Fields<OrphanParameter>();
        var empty = () => ShardRows.Fields<Nothing>();

        unknown.Should().Throw<ShardColumnException>().WithMessage("WithDecimal.Price is of type System.Decimal; it must be *");
        twice.Should().Throw<ShardColumnException>().WithMessage("Two properties of SameNameTwice are column 'a'*");
        wrong.Should().Throw<ShardColumnException>().WithMessage("WrongExtra.More is of type *; [ExtraColumns] must be *");
        orphan.Should().Throw<ShardColumnException>().WithMessage("The constructor of OrphanParameter takes 'hidden'*");
        empty.Should().Throw<ShardColumnException>().WithMessage("Nothing has no property*");
    }

    public sealed record Everything(
        string SampleId,
        string? Note,
        int Label,
        int? Rank,
        long SizeBytes,
        float Score,
        double? Area,
        bool Kept,
        [ColumnName("image.bytes")] byte[] Image,
        float[]? Embedding,
        string[] Tags
    );

    public sealed record Carrying(string Id, [ExtraColumns] IReadOnlyDictionary<string, string> Extra)
    {
        public double? Weight { get; init; }
    }

    public sealed record InitOnly
    {
        public int Width { get; init; }

        public int Height { get; init; }

        public int Area => Width * Height;
    }

    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Point(int X, int Y);

    public sealed record Older(string Id);

    public sealed record Newer(string Id, string? Caption, float? Score, float[]? Embedding);

    public sealed record Stricter(string Id, float Score);

    public sealed record WithDecimal(decimal Price);

    public sealed record SameNameTwice(int A, [property: ColumnName("a")] int B);

    public sealed record WrongExtra(string Id, [ExtraColumns] IReadOnlyDictionary<string, int> More);

    public sealed class OrphanParameter(int hidden)
    {
        public int Shown => hidden;
    }

    public sealed record Nothing;
}
