using System.Globalization;
using Pipeline.Host.Commands;

namespace Pipeline.Host.Tests.Commands;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder one = new();
    private readonly TemporaryFolder two = new();

    public void Dispose()
    {
        one.Dispose();
        two.Dispose();
    }

    [Fact]
    public async Task Options_data_counts_and_metrics_that_differ_are_told_and_judged()
    {
        Write(one, "0.7", "00ff", 720, 0.50, 0.51, 0.49);
        Write(two, "0.5", "0100", 700, 0.60, 0.61, 0.59);

        var result = await CompareAsync();

        result.Code.Should().Be(0, result.Error);
        result.Line("edit.strength").Should().Equal("edit.strength", "0.7", "0.5");
        result.Output.Should().Contain("Data: not the same pictures");
        result.Line("edits made, landbird").Should().Equal("edits made, landbird", "720", "700");
        result
            .Line("accuracy")
            .Should()
            .Equal("accuracy", "original", "test", "50.0 ± 2.5 %", "60.0 ± 2.5 %", "+10.0 ± 2.3 points, p < 0.001", "beyond noise");
        result.Output.Should().Contain("3 of 3 differences are beyond noise");
    }

    [Fact]
    public async Task Equal_runs_are_said_to_be()
    {
        Write(one, "0.7", "00ff", 720, 0.50, 0.51, 0.49);
        Write(two, "0.7", "00ff", 720, 0.50, 0.51, 0.49);

        var result = await CompareAsync();

        result
            .Output.Should()
            .StartWith("Options: equal\n")
            .And.Contain("Data: the same pictures")
            .And.Contain("Counts: equal")
            .And.Contain("0 of 3 differences");
    }

    [Fact]
    public async Task One_seed_says_nothing_about_noise()
    {
        Write(one, "0.7", "00ff", 720, 0.5);
        Write(two, "0.7", "00ff", 720, 0.9);

        var result = await CompareAsync();

        result.Code.Should().Be(0);
        result.Line("accuracy").Should().EndWith("cannot be told from noise");
        result.Output.Should().Contain("Nothing can be said about noise");
    }

    [Fact]
    public async Task Bad_directories_give_2_and_are_named()
    {
        Write(one, "0.7", "00ff", 720, 0.5);

        var without = await CompareAsync();
        two.WriteRun("done");
        var unreported = await CompareAsync();
        two.WriteRun("failed");
        var failed = await CompareAsync();
        two.WriteRun("done");
        two.Write("report/report.json", "[]");
        var broken = await CompareAsync();
        two.Write("report/report.json", """{"pipeline":"p","seed":0,"classes":null}""");
        var hollow = await CompareAsync();

        new[] { without, unreported, failed, broken, hollow }.Should().OnlyContain(result => result.Code == 2 && result.Output.Length == 0);
        without.Error.Should().Contain($"{two.Root} has no run.json");
        unreported.Error.Should().Contain($"Make it with: pipeline report {two.Root}");
        failed.Error.Should().Contain("is failed; it must be done");
        broken.Error.Should().Contain("is not the facts of a report");
        hollow.Error.Should().Contain("is not the facts of a report");
    }

    private Task<CommandLineResult> CompareAsync() => CommandLineResult.Of(CompareCommand.Create(), "compare", one.Root, two.Root);

    private static void Write(TemporaryFolder folder, string strength, string content, int made, params double[] accuracies)
    {
        folder.WriteRun("done");
        var rows = accuracies.Select((accuracy, seed) => Row(accuracy.ToString(CultureInfo.InvariantCulture), seed));
        folder.Write(
            "report/report.json",
            $$"""
            {
              "pipeline": "p",
              "seed": 0,
              "options": { "edit.strength": "{{strength}}" },
              "data_content": "{{content}}",
              "classes": [{ "name": "landbird", "made": {{made}}, "too_easy": 0, "mislabelled": 0, "passed": {{made}}, "chosen": null }],
              "metrics": [{{string.Join(',', rows)}}]
            }
            """
        );
    }

    private static string Row(string accuracy, int seed) =>
        $$"""
            { "training": "original", "split": "test", "seed": {{seed}}, "accuracy": {{accuracy}}, "balanced_accuracy": {{accuracy}}, "macro_f1": {{accuracy}}, "images": 10 }
            """;
}
