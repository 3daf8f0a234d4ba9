using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public sealed class PresetsTests
{
    [Fact]
    public void Every_preset_has_a_name_and_one_line_of_description()
    {
        var presets = Presets.All;

        presets.Select(preset => preset.Name).Should().Equal("alia", "captions", "starter");
        presets.Should().OnlyContain(preset => preset.Description.Length > 20 && preset.Description.EndsWith('.'));
        presets.Should().OnlyContain(preset => preset.Text.StartsWith("# " + preset.Description + "\npipeline: " + preset.Name + "\n"));
    }

    [Theory]
    [InlineData("starter", "ingest caption describe edit filter select export train report")]
    [InlineData("alia", "ingest caption describe edit filter select export train report")]
    [InlineData("captions", "ingest caption")]
    public void Preset_holds_its_stages_and_nothing_but_kinds_can_be_wrong_with_them(string name, string stages)
    {
        var empty = new StageCatalog([]);

        var read = () => PipelineFile.Read(Presets.Find(name).Text, name, empty, []);

        var wanted = stages.Split(' ').Select(stage => $"The kind of {stage} ({name}:*) is {stage}; *");
        var faults = read.Should().Throw<PipelineFileException>().Which.Faults;
        faults.Should().HaveSameCount(stages.Split(' '));
        faults.Zip(wanted).Should().AllSatisfy(pair => pair.First.Should().Match(pair.Second));
    }

    [Fact]
    public void Unknown_preset_is_answered_with_the_known_ones()
    {
        var find = () => Presets.Find("stater");

        find.Should()
            .Throw<KeyNotFoundException>()
            .WithMessage(
                "The preset is 'stater'; it must be one of alia, captions, starter. Did you mean starter? Name a preset, or the path of a file."
            );
    }
}
