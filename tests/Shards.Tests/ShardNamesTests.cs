namespace Pipeline.Shards.Tests;

public sealed class ShardNamesTests
{
    [Theory]
    [InlineData("SampleId", "sample_id")]
    [InlineData("Id", "id")]
    [InlineData("URLPath", "url_path")]
    [InlineData("ImageURL", "image_url")]
    [InlineData("Top5Score", "top5_score")]
    [InlineData("already_snake", "already_snake")]
    public void Properties_become_snake_case(string property, string column) => ShardNames.Snake(property).Should().Be(column);

    [Fact]
    public void A_batch_lies_under_run_and_stage() => ShardNames.Uri("r1", "caption", 7).Should().Be("runs/r1/caption/00000007.parquet");

    [Fact]
    public void A_type_is_read_from_its_name()
    {
        var types = Enum.GetValues<ShardKind>()
            .SelectMany(kind => new[] { new ShardType(kind, false), new ShardType(kind, true) })
            .ToArray();

        types.Select(type => ShardType.Parse(type.ToString())).Should().Equal(types.Select(type => (ShardType?)type));
        ShardType.Parse("decimal").Should().BeNull();
    }
}
