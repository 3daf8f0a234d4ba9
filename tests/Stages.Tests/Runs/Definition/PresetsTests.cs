using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public sealed class PresetsTests
{
    [Fact]
    public void Every_preset_has_a_name_and_one_line_of_description()
    {
        var presets = Presets.All;

        presets.Select(preset => preset.Name).Should().Equal("alia-semantic", "alia", "captions", "checked", "starter");
        presets.Should().OnlyContain(preset => preset.Description.Length > 20 && preset.Description.EndsWith('.'));
        presets.Should().OnlyContain(preset => preset.Text.StartsWith("# " + preset.Description + "\npipeline: " + preset.Name + "\n"));
    }

    [Theory]
    [InlineData("starter", "ingest caption describe edit filter select export train report")]
    [InlineData("alia", "ingest caption describe edit filter select export train report")]
    [InlineData("captions", "ingest caption")]
    [InlineData(
        "checked",
        "ingest hash safety-originals caption describe edit safety quality hash-edits duplicates filter select export train report"
    )]
    [InlineData(
        "alia-semantic",
        "ingest embed semantic-originals caption describe edit embed-edits semantic filter select export train report"
    )]
    public void Preset_holds_its_stages_and_nothing_but_kinds_can_be_wrong_with_them(string name, string stages)
    {
        var empty = new StageCatalog([]);

        var read = () => PipelineFile.Read(Presets.Find(name).Text, name, empty, []);

        var wanted = stages.Split(' ').Select(stage => $"The kind of {stage} ({name}:*) is {stage}; *");
        var faults = read.Should().Throw<PipelineFileException>().Which.Faults;
        faults.Should().HaveSameCount(stages.Split(' '));
        faults.Zip(wanted).Should().AllSatisfy(pair => pair.First.Should().Match(pair.Second));
    }

    [Theory]
    [InlineData("starter")]
    [InlineData("captions")]
    [InlineData("checked")]
    [InlineData("alia", "train.init=scratch")]
    [InlineData("alia-semantic", "train.init=scratch", "semantic.preset=cub", "semantic-originals.preset=cub")]
    public void Preset_passes_every_check_with_what_only_the_user_can_know(string name, params string[] sets)
    {
        var read = () => RunSession.Read(name, sets);

        read.Should().NotThrow();
    }

    [Fact]
    public void Unknown_preset_is_answered_with_the_known_ones()
    {
        var find = () => Presets.Find("stater");

        find.Should()
            .Throw<KeyNotFoundException>()
            .WithMessage(
                "The preset is 'stater'; it must be one of alia-semantic, alia, captions, checked, starter. Did you mean starter? Name a preset, or the path of a file."
            );
    }
}
