namespace Pipeline.Shards.Tests;

public sealed class ShardTableTests
{
    private static readonly ShardTable Table = new(ShardColumn.Of("id", new[] { "a", "b" }), ShardColumn.Of("n", new[] { 1, 2 }));

    [Fact]
    public void A_missing_column_is_named_with_those_there()
    {
        var get = () => Table.Get<int>("m");

        get.Should().Throw<ShardColumnException>().WithMessage("Column 'm' is not in the table; it must be one of id, n.*");
    }

    [Fact]
    public void A_column_of_another_type_is_named_with_both_types()
    {
        var get = () => Table.Get<long?>("n");

        get.Should().Throw<ShardColumnException>().WithMessage("Column 'n' is of type int32; it must be int64?.*");
    }

    [Fact]
    public void Columns_of_unequal_length_are_refused()
    {
        var make = () => new ShardTable(ShardColumn.Of("id", new[] { "a" }), ShardColumn.Of("n", Array.Empty<int>()));

        make.Should().Throw<ShardColumnException>().WithMessage("Column 'n' has 0 rows; it must have 1, as column 'id'.*");
    }

    [Fact]
    public void A_name_twice_is_refused()
    {
        var make = () => new ShardTable(ShardColumn.Of("n", new[] { 1 }), ShardColumn.Of("n", new[] { 1 }));

        make.Should().Throw<ShardColumnException>().WithMessage("Column 'n' is there twice*");
    }

    [Fact]
    public void A_table_without_columns_is_refused()
    {
        var make = () => new ShardTable();

        make.Should().Throw<ShardColumnException>().WithMessage("The table has 0 columns*");
    }

    [Theory]
    [InlineData("a.x", "b", "a.y")]
    [InlineData("a", "a.x", "b")]
    public void Fields_of_one_struct_must_stand_together(params string[] names)
    {
        var make = () => new ShardTable([.. names.Select(name => ShardColumn.Of(name, new[] { 1 }))]);

        make.Should().Throw<ShardColumnException>().WithMessage("*must stand together*");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public void A_name_that_cannot_be_written_is_refused(string name)
    {
        var make = () => ShardColumn.Of(name, new[] { 1 });

        make.Should().Throw<ShardColumnException>().WithMessage($"A column's name is '{name}'*");
    }

    [Fact]
    public void A_null_in_a_column_without_nulls_is_named_by_row()
    {
        var make = () => ShardColumn.Of("id", new[] { "a", null! });

        make.Should().Throw<ShardColumnException>().WithMessage("Column 'id' of type string is null in row 1; it must have a value.*");
    }

    [Fact]
    public void A_type_that_shards_lack_is_refused()
    {
        var make = () => ShardColumn.Of("d", new[] { 1m });

        make.Should().Throw<ShardColumnException>().WithMessage("Column 'd' is of type System.Decimal; it must be *");
    }

    [Fact]
    public void Tables_are_joined_and_cut()
    {
        var joined = ShardTable.Concat([Table, Table.Slice(1, 1), Table.Slice(0, 0)]);

        joined.Get<string>("id").Should().Equal("a", "b", "b");
        joined.Get<int>("n").Should().Equal(1, 2, 2);
    }

    [Fact]
    public void Tables_of_other_columns_are_not_joined()
    {
        var join = () => ShardTable.Concat([Table, new ShardTable(Table.Columns[0])]);

        join.Should().Throw<ShardColumnException>().WithMessage("A table has the columns id:string; it must have id:string, n:int32*");
    }

    [Fact]
    public void The_hash_tells_apart_what_differs()
    {
        ShardTable[] tables =
        [
            new(ShardColumn.OfNullable("a", new[] { "", "" })),
            new(ShardColumn.OfNullable("a", new[] { null, "" })),
            new(ShardColumn.OfNullable("a", new[] { "", null })),
            new(ShardColumn.OfNullable("b", new[] { "", "" })),
            new(ShardColumn.Of("a", new[] { "", "" })),
            new(ShardColumn.Of("a", new[] { "x", "yz" })),
            new(ShardColumn.Of("a", new[] { "xy", "z" })),
            new(ShardColumn.Of("a", new string[][] { ["xy", "z"], [] })),
            new(ShardColumn.Of("a", new string[][] { ["xy"], ["z"] })),
            new(ShardColumn.Of("a", new string[][] { ["x", "yz"], [] })),
            new(ShardColumn.Of("a", new[] { 0f, 0f })),
            new(ShardColumn.Of("a", new[] { 0f, -0f })),
            new(ShardColumn.Of("a", new float?[] { 0f, null })),
            new(ShardColumn.Of("a", new float?[] { null, 0f })),
            new(ShardColumn.Of("a", new float[][] { [0f], [] })),
            new(ShardColumn.Of("a", new float[][] { [], [0f] })),
            new(ShardColumn.Of("a", new byte[][] { [1], [] })),
            new(ShardColumn.Of("a", new byte[][] { [], [1] })),
            new(ShardColumn.Of("a", Array.Empty<byte[]>())),
        ];

        var hashes = tables.Select(ShardFile.HashOf);

        hashes.Should().OnlyHaveUniqueItems();
    }
}
