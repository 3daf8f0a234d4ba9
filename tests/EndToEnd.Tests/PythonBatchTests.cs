namespace Pipeline.EndToEnd.Tests;

/// <summary>What a stage in Python makes of the plans of its run, without a broker.</summary>
public sealed class PythonBatchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-python-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1, "caption", true)] // older than any that has a part in the run: as the oldest
    [InlineData(2, "caption", true)]
    [InlineData(2, "ingest", false)]
    [InlineData(3, "caption", false)]
    [InlineData(3, "ingest", true)]
    [InlineData(4, "ingest", false)] // the stage was removed
    [InlineData(5, "ingest", false)]
    public async Task Batch_is_done_that_comes_on_the_way_of_its_version_and_no_other(int version, string before, bool isDone)
    {
        PythonProgram.SkipWithout();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "plans.json"),
            """
            {
              "oldest": 2,
              "newest": 4,
              "paused": [],
              "plans": {
                "2": { "entropy": { "kind": "entropy", "after": ["caption"], "options": {} } },
                "3": { "entropy": { "kind": "entropy", "after": ["ingest"], "options": {} } },
                "4": { "other": { "kind": "entropy", "after": ["ingest"], "options": {} } }
              }
            }
            """
        );
        const string Program = """
            import sys, batches
            message = {"version": int(sys.argv[2]), "shards": [{"stage": "ingest"}, {"stage": sys.argv[3]}]}
            print(batches.Batch(sys.argv[1], {}, {}, "entropy", message).is_superseded)
            """;

        var printed = await PythonProgram.RunAsync("-c", Program, folder, $"{version}", before);

        printed.Trim().Should().Be(isDone ? "False" : "True");
    }
}
