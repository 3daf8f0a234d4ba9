using System.Text.Json;
using Pipeline.Models.ResNet;

namespace Pipeline.EndToEnd.Tests;

/// <summary>The train stage, from the outside.</summary>
public sealed class TrainingRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-train-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Every_baseline_and_every_seed_has_its_scores_and_its_model()
    {
        var run = await StartAsync(
            "--set",
            "train.trainings=[original,original+kept,original+randaugment,original+cutmix]",
            "--set",
            "train.seeds=2",
            "--set",
            "train.epochs=1"
        );

        run.Code.Should().Be(0, run.Output);
        string[] names = ["original", "original+cutmix", "original+kept", "original+randaugment"];
        Metrics()
            .Should()
            .Equal(
                from name in names
                from split in new[] { "test", "validation" }
                from seed in new[] { 0, 1 }
                select $"{name} {split} {seed} scratch"
            );
        Directory
            .GetDirectories(Output("models"))
            .Select(Path.GetFileName)
            .Should()
            .BeEquivalentTo(from name in names from seed in new[] { 0, 1 } select $"{name}-{seed}");
        File.ReadAllText(Output("model", "README.md")).Should().MatchRegex("^# original\\+kept-[01]\n").And.Contain("- init: scratch (");
    }

    [Fact]
    public async Task Other_bytes_under_the_name_of_the_weights_train_everything_again_and_equal_bytes_nothing()
    {
        var weights = Path.Combine(folder, "weights.safetensors");
        Save(weights, seed: 5);
        string[] init = ["--set", $"train.init={weights}"];
        var first = await StartAsync(init);
        var before = File.ReadAllBytes(Output("models", "original-0", "model.safetensors"));
        Save(weights, seed: 5);
        var same = await StartAsync(init);
        Save(weights, seed: 6);
        var changed = await StartAsync(init);

        var after = File.ReadAllBytes(Output("models", "original-0", "model.safetensors"));

        first.Code.Should().Be(0, first.Output);
        Metrics().Should().OnlyContain(row => row.EndsWith(" weights.safetensors", StringComparison.Ordinal));
        same.Output.Should().Contain("nothing was done");
        changed.Output.Should().NotContain("nothing was done");
        after.Should().NotEqual(before);
    }

    [Fact]
    public async Task What_is_trained_is_not_trained_again_and_another_selection_concerns_the_kept_edits_alone()
    {
        await StartAsync();
        var (originals, kept) = (Written("original-0"), Written("original+kept-0"));
        File.Delete(Output("report", "metrics.json"));
        Directory.Delete(Output("model"), recursive: true);

        var again = await StartAsync();
        var (originalsAgain, keptAgain) = (Written("original-0"), Written("original+kept-0"));
        var changed = await StartAsync("--set", "select.quota=4");

        again.Code.Should().Be(0, again.Output);
        (originalsAgain, keptAgain).Should().Be((originals, kept));
        File.Exists(Output("model", "model.safetensors")).Should().BeTrue();
        changed.Code.Should().Be(0, changed.Output);
        Written("original-0").Should().Be(originals);
        Written("original+kept-0").Should().NotBe(kept);
    }

    [Fact]
    public async Task Alia_without_weights_does_not_begin()
    {
        var input = SmallDataSet.Write(Path.Combine(folder, "in"), 1, 1);

        var run = await ProgramRun.StartAsync(["run", "alia", "--input", input, "--output", Output()]);

        run.Code.Should().Be(2, run.Output);
        run.Output.Should().Contain("train.init is missing").And.Contain("train.init=scratch").And.NotContain("   at ");
        Directory.Exists(Output()).Should().BeFalse();
    }

    [Fact]
    public async Task Without_training_images_the_run_ends_with_what_is_missing()
    {
        var run = await StartAsync(training: 0);

        run.Code.Should().Be(1, run.Output);
        run.Output.Should().Contain("The training split has 0 images; it must have at least 1.").And.NotContain("   at ");
    }

    [Fact]
    public async Task Kept_edits_without_a_stage_that_selects_them_end_the_run_at_its_start()
    {
        var pipeline = Path.Combine(folder, "mine.yaml");
        await File.WriteAllTextAsync(pipeline, "pipeline: mine\nstages:\n  ingest: {}\n  train: { after: [ingest] }\n");
        var input = SmallDataSet.Write(Path.Combine(folder, "in"), 1, 1);

        var run = await ProgramRun.StartAsync(["run", pipeline, "--input", input, "--output", Output(), "--plain"]);

        run.Code.Should().Be(1, run.Output);
        run.Output.Should().Contain("train.trainings has original+kept, and the pipeline has no stage select; it must have one.");
    }

    private static void Save(string path, ulong seed)
    {
        using var model = ResNetModel.Create("resnet18", 10, seed);
        ResNetWeights.Save(model, path);
    }

    private string Output(params string[] names) => Path.Combine([folder, "out", .. names]);

    private Task<(int Code, string Output)> StartAsync(params string[] settings) => StartAsync(12, settings);

    private Task<(int Code, string Output)> StartAsync(int training, params string[] settings)
    {
        var input = Path.Combine(folder, "in");
        if (!Directory.Exists(input))
        {
            SmallDataSet.Write(input, training);
        }

        return ProgramRun.StartAsync([
            "run",
            "starter",
            "--input",
            input,
            "--output",
            Output(),
            "--plain",
            .. ProgramRun.Small,
            .. settings,
        ]);
    }

    /// <summary>When a training's checkpoint was written.</summary>
    private DateTime Written(string training) =>
        File.GetLastWriteTimeUtc(
            Directory
                .GetFiles(Output("runs"), "checkpoint.safetensors", SearchOption.AllDirectories)
                .Single(path => path.Contains($"/{training}/", StringComparison.Ordinal))
        );

    private List<string> Metrics()
    {
        using var metrics = JsonDocument.Parse(File.ReadAllBytes(Output("report", "metrics.json")));
        return
        [
            .. metrics
                .RootElement.EnumerateArray()
                .Select(row =>
                    $"{row.GetProperty("training").GetString()} {row.GetProperty("split").GetString()} {row.GetProperty("seed").GetInt32()} {row.GetProperty("init").GetString()}"
                ),
        ];
    }
}
