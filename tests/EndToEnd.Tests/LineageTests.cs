using System.Text.Json;

namespace Pipeline.EndToEnd.Tests;

public sealed class LineageTests(ReferenceRun reference)
{
    [Fact]
    public async Task Sample_and_each_of_its_variants_are_told_from_source_to_data_set()
    {
        await reference.Run;

        using var sample = await LineageAsync("train/red/0003.jpg");
        var variants = sample.RootElement.GetProperty("variants").EnumerateArray().ToList();
        variants.Should().HaveCountGreaterThan(1);
        foreach (var line in variants)
        {
            using var variant = await LineageAsync(line.GetProperty("variantId").GetString()![..12]);
            var stages = variant
                .RootElement.GetProperty("stages")
                .EnumerateArray()
                .ToDictionary(stage => stage.GetProperty("stage").GetString()!);

            variant
                .RootElement.GetProperty("outcome")
                .GetString()
                .Should()
                .Be(line.GetProperty("outcome").GetString())
                .And.BeOneOf("kept", "dropped");
            variant.RootElement.GetProperty("subject").GetProperty("uri").GetString().Should().Be("train/red/0003.jpg");
            stages["edit"].GetProperty("values").GetProperty("prompt").GetString().Should().Be(line.GetProperty("prompt").GetString());
            stages["filter"].GetProperty("values").GetProperty("verdict").GetString().Should().BeOneOf("keep", "too_easy", "mislabelled");
            File.Exists(Path.Combine(reference.Output, stages["edit"].GetProperty("shard").GetProperty("uri").GetString()!))
                .Should()
                .BeTrue();
            stages["export"]
                .GetProperty("state")
                .GetString()
                .Should()
                .Be(line.GetProperty("outcome").GetString() == "kept" ? "kept" : "not_reached");
            stages.Values.Should().NotContain(stage => stage.GetProperty("state").GetString() == "not_yet");
        }
    }

    [Theory]
    [InlineData("train/red/text.jpg", "quarantined: ingest: ")]
    [InlineData("train/red/short.jpg", "quarantined: caption: ")]
    [InlineData("test/blue/0000.jpg", "kept")]
    public async Task What_became_of_a_file_is_said_with_its_reason(string path, string outcome)
    {
        await reference.Run;

        var (code, output) = await ProgramRun.StartAsync(["lineage", path, "--run", reference.Output]);

        code.Should().Be(0, output);
        output.Should().Contain($"outcome  {outcome}");
    }

    private async Task<JsonDocument> LineageAsync(string name)
    {
        var (code, output) = await ProgramRun.StartAsync(["lineage", name, "--run", reference.Output, "--json"]);
        code.Should().Be(0, output);
        return JsonDocument.Parse(output);
    }
}
