using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>A stage in Python beside hosts in .NET: the pipeline names it, its program consumes the queue, and nothing else is told of it.</summary>
[Trait("Kind", "Broker")]
public sealed class PythonStageTests(SharedBroker shared) : IDisposable
{
    private const int Training = 12; // of each of two classes
    private const int Held = 4; // of each class and of two splits
    private const int Samples = 2 * (Training + (2 * Held));
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-python-").FullName;

    private string Input => Path.Combine(folder, "in");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Data_set_has_the_column_of_a_stage_in_Python()
    {
        PythonProgram.SkipWithout();
        var broker = await shared.ServerAsync();
        await using var site = new ClusterSite(broker, folder);
        site.StartHost();
        await using var python = Start(broker, site, "entropy.py");

        var run = await SubmitAsync(site, Whole("entropy: { after: ingest }", "[select, entropy]"));
        await UntilDoneAsync(site, run, python);

        await CheckExportedAsync(site.Output(run));
        await site.UntilRemovedAsync(run, Limit);
        if (Accountant.IsThere)
        {
            (await Accountant.CheckAsync(site.Output(run), Samples)).Should().ContainSingle().Which.Should().EndWith(" 0 findings");
        }

        python.Terminate();
        (await python.EndAsync()).Should().Be(0, python.Output);
    }

    [Fact]
    public async Task Stage_in_Python_joins_a_run_that_goes_on_and_does_the_batches_that_went_by()
    {
        PythonProgram.SkipWithout();
        var broker = await shared.ServerAsync();
        await using var site = new ClusterSite(broker, folder);
        site.StartHost("--stages", "ingest,caption,describe,filter,select,export,train,report");
        await using var python = Start(broker, site, "entropy.py");
        var run = await SubmitAsync(site, Whole(more: "", export: "select"));
        await site.UntilAsync("the batches before edit done", () => site.Shards(run, "caption") == Samples / 8, Limit);

        var (code, printed) = await ProgramRun.StartAsync([
            .. "stage add entropy --after ingest --from start --run".Split(' '),
            run,
            "--plugins",
            PythonProgram.Folder,
            "--store",
            site.Store,
            "--broker",
            Address(broker),
        ]);
        code.Should().Be(0, printed);
        await site.UntilAsync("the batches that went by done", () => site.Shards(run, "entropy") == Samples / 8, Limit);
        site.StartHost("--stages", "edit");
        await UntilDoneAsync(site, run, python);

        await CheckExportedAsync(site.Output(run));
    }

    [Fact]
    public async Task Shards_that_are_valid_are_told_again_and_stay()
    {
        PythonProgram.SkipWithout();
        var broker = await shared.ServerAsync();
        await using var site = new ClusterSite(broker, folder);
        site.StartHost();
        await using var python = Start(broker, site, "entropy.py");
        var run = await SubmitAsync(site, Line);
        await UntilDoneAsync(site, run, python);
        await site.UntilRemovedAsync(run, Limit);
        var written = Shards(site, run).ToDictionary(path => path, File.GetLastWriteTimeUtc, StringComparer.Ordinal);

        await SubmitAsync(site, Line, "--set", "ingest.unfinished=5");
        await site.UntilAsync("the run begun anew", () => site.State(run) != "done", Limit);
        await UntilDoneAsync(site, run, python);

        written.Should().HaveCount(Samples);
        Shards(site, run).Should().AllSatisfy(path => File.GetLastWriteTimeUtc(path).Should().Be(written[path]));
        new RunOutput(site.Output(run)).Redone.Should().BeEmpty();
    }

    [Fact]
    public async Task Program_that_was_killed_loses_nothing()
    {
        PythonProgram.SkipWithout();
        const string Slow = """
            import os, time, entropy, serving
            def work(row, root):
                time.sleep(0.05)
                return {"bits": entropy.entropy(entropy.image(row, root))}
            serving.main(os.environ["PYTHONPATH"] + "/entropy.stage.json", work)
            """;
        var broker = await shared.ServerAsync();
        await using var site = new ClusterSite(broker, folder);
        site.StartHost();
        await using var killed = Start(broker, site, "-c", Slow);

        var run = await SubmitAsync(site, Line);
        await site.UntilAsync("three shards", () => site.Shards(run, "entropy") >= 3, Limit);
        await killed.KillAsync();
        var early = site.Shards(run, "entropy");
        await using var next = Start(broker, site, "entropy.py");
        await UntilDoneAsync(site, run, next);

        early.Should().BeLessThan(Samples);
        (await new RunOutput(site.Output(run)).RowsAsync<Row>("entropy"))
            .Should()
            .HaveCount(Samples)
            .And.OnlyHaveUniqueItems(row => row.SampleId);
    }

    [Fact]
    public async Task Sample_that_Python_sets_aside_goes_no_further_and_the_account_closes()
    {
        PythonProgram.SkipWithout();
        const string Choosy = """
            import os, serving
            def work(row, root):
                if row["ingest.uri"].endswith("/0001.jpg"):
                    raise ValueError("The picture has the number 1; it must have another.")
                return {"bits": 1.0}
            serving.main(os.environ["PYTHONPATH"] + "/entropy.stage.json", work)
            """;
        var broker = await shared.ServerAsync();
        await using var site = new ClusterSite(broker, folder);
        site.StartHost();
        await using var python = Start(broker, site, "-c", Choosy);

        var run = await SubmitAsync(
            site,
            """
            pipeline: inserted
            stages:
              ingest: { batch: 8 }
              caption: { after: ingest }
              entropy: { after: caption }
              describe: { after: caption, limit: 2 }
              edit: { after: entropy }

            """
        );
        await UntilDoneAsync(site, run, python);

        var output = new RunOutput(site.Output(run));
        var aside = await output.QuarantineAsync("entropy");
        aside
            .Select(row => row.Uri)
            .Should()
            .BeEquivalentTo(
                "train/red/0001.jpg",
                "train/blue/0001.jpg",
                "val/red/0001.jpg",
                "val/blue/0001.jpg",
                "test/red/0001.jpg",
                "test/blue/0001.jpg"
            );
        aside
            .Should()
            .AllSatisfy(row => (row.Kind, row.Message).Should().Be(("ValueError", "The picture has the number 1; it must have another.")));
        var edited = (await output.RowsAsync<Key>("edit")).Select(row => row.SampleId).ToHashSet(StringComparer.Ordinal);
        edited.Should().HaveCount(2 * (Training - 1)).And.NotContain(aside.Select(row => row.SampleId));
        var account = (await RunAccounts.ReadAsync(new FolderStore(site.Output(run)), default)).Single(account => account.Of == "samples");
        (account.In, account.Kept, account.Quarantined, account.Closes).Should().Be((Samples, Samples - aside.Count, aside.Count, true));
    }

    [Fact]
    public async Task Batch_that_fails_in_Python_is_listed_with_its_cause_and_replayed()
    {
        PythonProgram.SkipWithout();
        var fault = Path.Combine(folder, "fault");
        await File.WriteAllTextAsync(fault, "");
        var program = $$"""
            import os, serving
            def work(row, root):
                if row["ingest.uri"] == "train/red/0001.jpg" and os.path.exists("{{fault}}"):
                    raise RuntimeError("The model is not there; it must be.")
                return {"bits": 1.0}
            serving.main(os.environ["PYTHONPATH"] + "/entropy.stage.json", work)
            """;
        var broker = await shared.ServerAsync();
        await using var site = new ClusterSite(broker, folder);
        site.StartHost();
        await using var python = Start(broker, site, "-c", program);
        var run = await SubmitAsync(site, Line, "--max-failed", "10");
        await UntilDoneAsync(site, run, python);
        await site.UntilRemovedAsync(run, Limit);
        var (_, listed) = await ProgramRun.StartAsync(["failed", run, "--store", site.Store]);

        File.Delete(fault);
        await site.ControlAsync("replay", run, "--yes", "--group", (await site.GroupsAsync(run)).Single());
        await site.UntilAsync("nothing failed", () => site.Failed(run) == 0, Limit);
        await UntilDoneAsync(site, run, python);

        listed.Should().Contain("entropy").And.Contain("RuntimeError").And.Contain("The model is not there; it must be.");
        site.Shards(run, "entropy").Should().Be(Samples);
    }

    /// <summary>One sample a batch, and nothing but the stage in Python.</summary>
    private const string Line = """
        pipeline: line
        stages:
          ingest: { batch: 1 }
          entropy: { after: ingest }

        """;

    /// <summary>Every stage, and what is added to them.</summary>
    private static string Whole(string more, string export) =>
        $$"""
            pipeline: python
            stages:
              ingest: { batch: 8 }
              caption: { after: ingest }
              describe: { after: caption, limit: 2 }
              edit: { after: caption }
              filter: { after: edit, callSize: 2 }
              select: { after: filter }
              export: { after: {{export}} }
              train: { after: [ingest, select], imageSize: 32, epochs: 1, seeds: 1 }
              report: { after: [export, train] }
              {{more}}

            """;

    private static RunningProgram Start(BrokerServer broker, ClusterSite site, params string[] program) =>
        PythonProgram.Start([
            .. program.Select(part => part == "entropy.py" ? Path.Combine(PythonProgram.Folder, part) : part),
            "--broker",
            Address(broker),
            "--store",
            site.Store,
        ]);

    private static string Address(BrokerServer broker) => broker.Address.GetLeftPart(UriPartial.Authority);

    private Task<string> SubmitAsync(ClusterSite site, string pipeline, params string[] more)
    {
        if (!Directory.Exists(Input))
        {
            SmallDataSet.Write(Input, Training, Held);
        }

        var path = Path.Combine(folder, "pipeline.yaml");
        File.WriteAllText(path, pipeline);
        return site.SubmitAsync(path, Input, ["--plugins", PythonProgram.Folder, .. more]);
    }

    private static Task UntilDoneAsync(ClusterSite site, string run, RunningProgram python) =>
        site.UntilAsync(
            $"{run} done, with the stage in Python",
            () => python.HasEnded ? throw new InvalidOperationException(python.Output) : site.IsDone(run),
            Limit
        );

    private static IEnumerable<string> Shards(ClusterSite site, string run) =>
        Directory.EnumerateFiles(Path.Combine(site.Output(run), "runs", run, "entropy"), "*.parquet");

    /// <summary>All originals have the column with the right values, and the edits, which the stage does not see, have none.</summary>
    private static async Task CheckExportedAsync(string output)
    {
        var rows = await ExportedAsync(output);
        var (originals, edits) = (rows.Where(row => row.Variant is null).ToList(), rows.Where(row => row.Variant is not null).ToList());
        originals.Should().HaveCount(Samples).And.AllSatisfy(row => row.Bits.Should().Be((float)Entropy(row.Image)));
        edits.Should().NotBeEmpty().And.AllSatisfy(row => row.Bits.Should().BeNull());
    }

    private static async Task<List<(string? Variant, byte[] Image, float? Bits)>> ExportedAsync(string output)
    {
        var store = new FolderStore(output);
        var rows = new List<(string?, byte[], float?)>();
        foreach (var uri in (await store.ListAsync("augmented/", default)).Where(uri => uri.EndsWith(".parquet", StringComparison.Ordinal)))
        {
            var table = await ShardFile.ReadAsync(store, uri, ["variant_id", "image.bytes", "entropy_bits"]);
            rows.AddRange(
                Enumerable
                    .Range(0, table.Rows)
                    .Select(row =>
                        (
                            table.Get<string?>("variant_id")[row],
                            table.Get<byte[]>("image.bytes")[row],
                            table.Get<float?>("entropy_bits")[row]
                        )
                    )
            );
        }

        return rows;
    }

    /// <summary>Shannon's entropy of the bytes, bits a byte.</summary>
    private static double Entropy(byte[] bytes) =>
        -bytes.GroupBy(value => value).Sum(group => (double)group.Count() / bytes.Length * Math.Log2((double)group.Count() / bytes.Length));

    private sealed record Row(string SampleId, float Bits);

    private sealed record Key(string SampleId);
}
