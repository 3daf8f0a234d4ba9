using System.Security.Cryptography;
using System.Text.Json;
using Pipeline.Plugins;

namespace Pipeline.EndToEnd.Tests;

public sealed class PluginTests : IDisposable
{
    private const string Starter = """
        pipeline: with-entropy
        stages:
          ingest: {}
          caption: {}
          describe: {}
          edit: { after: caption }
          filter: {}
          select: {}
          entropy: { kind: byte_entropy, after: ingest, lastBytes: 4096 }
          export: { after: [select, entropy] }
          train: { after: [ingest, select], recipe: small }
          report: { after: [export, train] }

        """;

    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    private string Plugins => Path.Combine(folder, "plugins");

    private string Output => Path.Combine(folder, "out");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Stage_of_a_plugin_takes_part_in_a_run_and_its_column_is_in_the_data_set()
    {
        var assembly = ExamplePlugin.Drop(Plugins);
        var allowed = Path.Combine(folder, "allowed.sha256");
        await File.WriteAllTextAsync(
            allowed,
            $"{Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(assembly)))}  ByteEntropy.dll\n"
        );
        var pipeline = Path.Combine(folder, "pipeline.yaml");
        await File.WriteAllTextAsync(pipeline, Starter);
        var input = SmallDataSet.Write(Path.Combine(folder, "in"));
        string[] arguments =
        [
            .. ProgramRun.Arguments(pipeline, input, Output, ProgramRun.Small),
            "--plugins",
            Plugins,
            "--plugins-allow",
            allowed,
        ];

        var (code, output) = await ProgramRun.StartAsync(arguments);
        var again = await ProgramRun.StartAsync(arguments);

        code.Should().Be(0, output);
        output.Should().Contain($"The plugin {assembly} is loaded (SHA-256 ").And.Contain("entropy done, 40 rows");
        again.Output.Should().Contain("nothing was done");
        (await QueryAsync("select count(*) from augmented where entropy_byte_entropy between 4 and 8"))
            .Should()
            .Be(await QueryAsync("select count(*) from augmented where variant_id is null"));
        var hash = JsonDocument
            .Parse(await File.ReadAllBytesAsync(Path.Combine(Output, "kinds.json")))
            .RootElement[0]
            .GetProperty("sha256")
            .GetString();
        hash.Should().MatchRegex("^[0-9a-f]{64}$");
        Directory
            .EnumerateFiles(Path.Combine(Output, "runs"), "*.log.json", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) == "entropy")
            .Select(file => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("plugin").GetString())
            .Distinct()
            .Should()
            .Equal(hash);
        var lineage = await ProgramRun.StartAsync(["lineage", "train/red/0003.jpg", "--run", Output]);
        lineage.Output.Should().Contain($"SHA-256 {hash}");
        foreach (var command in new[] { "status", "report", "failed" })
        {
            var told = await ProgramRun.StartAsync([command, Output]);
            told.Code.Should().Be(0, told.Output);
        }
    }

    [Fact]
    public async Task Plugin_that_is_not_allowed_is_refused_before_anything_is_written()
    {
        ExamplePlugin.Drop(Plugins);
        var pipeline = Path.Combine(folder, "pipeline.yaml");
        await File.WriteAllTextAsync(pipeline, Starter);
        var input = SmallDataSet.Write(Path.Combine(folder, "in"), 1, 1);

        var (code, output) = await ProgramRun.StartAsync([.. ProgramRun.Arguments(pipeline, input, Output), "--plugins", Plugins]);

        code.Should().Be(2);
        output
            .Should()
            .Contain("no list says what may be loaded")
            .And.Contain("The kind of entropy (")
            .And.Contain("A plugin's kind needs --plugins DIR.");
        Directory.Exists(Output).Should().BeFalse();
    }

    private async Task<long> QueryAsync(string sql)
    {
        var (code, output) = await ProgramRun.StartAsync(["query", Output, sql, "--format", "csv"]);
        code.Should().Be(0, output);
        return long.Parse(output.Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
