using System.Globalization;
using Pipeline.Plugins;
using Pipeline.Stages.Ingest;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Plugins that crash or hang, served in child processes or in the program's own.</summary>
public sealed class IsolatedPluginTests : IDisposable
{
    private const string Yaml = """
        pipeline: odd
        stages:
          ingest: { batch: 8 }
          caption: { after: ingest }
          number: { after: ingest }

        """;

    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    private string Plugins => Path.Combine(folder, "plugins");

    private string Input => Path.Combine(folder, "in");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("Environment.FailFast(\"odd sample\");", "signal 6 (SIGABRT)")]
    [InlineData("System.Runtime.InteropServices.Marshal.WriteByte((IntPtr)0x10000000, 1);", "signal")]
    [InlineData("Environment.Exit(7);", "exit code 7")]
    public async Task Sample_on_which_a_plugin_ends_its_process_is_quarantined_in_one_run_and_nothing_else_is_harmed(
        string crash,
        string how
    )
    {
        var odd = await OddSampleAsync();
        PluginCompiler.Compile(
            Plugins,
            "Numbers",
            PluginSources.Number(call: $"Console.WriteLine(\"calls\"); if (items.Any(item => item.Value == \"{odd}\")) {{ {crash} }}")
        );

        var (code, output) = await RunAsync("out", "--isolate");

        code.Should().Be(0, output);
        var run = new RunOutput(Out("out"));
        var row = (await run.QuarantineAsync("number")).Should().ContainSingle().Subject;
        (row.SampleId, row.Kind).Should().Be((odd, "crash"));
        row.Message.Should().Contain(how);
        output.Should().Contain("number: its process has ended: ").And.Contain("number: calls").And.Contain("number done, 39 rows");
        PrintedAccount.Of("samples", output).Should().Be(new PrintedAccount(40, 39, 0, 1, 0));
    }

    [Theory]
    [InlineData("--isolate")]
    [InlineData(null)]
    public async Task Batch_in_which_a_plugin_hangs_fails_after_its_limit_and_the_others_are_done(string? isolate)
    {
        var odd = await OddSampleAsync();
        PluginCompiler.Compile(
            Plugins,
            "Numbers",
            PluginSources.Number(call: $"if (items.Any(item => item.Value == \"{odd}\")) {{ Thread.Sleep(Timeout.Infinite); }}")
        );
        string[] options = ["--plugins-time-limit", "2", "--max-failed", "50", .. isolate is null ? Array.Empty<string>() : [isolate]];

        var (code, output) = await RunAsync("out", options);

        code.Should().Be(1, output);
        output.Should().Contain("caption done, 40 rows").And.Contain("number done, 32 rows");
        var failed = await ProgramRun.StartAsync(["failed", Out("out")]);
        failed.Output.Should().Contain("TimeLimit").And.Contain("InferAsync of");
    }

    [Fact]
    public async Task Child_whose_parent_is_killed_ends_itself_although_its_stage_hangs()
    {
        SmallDataSet.Write(Input, 2, 1);
        var told = Path.Combine(folder, "child");
        PluginCompiler.Compile(
            Plugins,
            "Numbers",
            PluginSources.Number(
                call: $"File.WriteAllText(\"{told}.draft\", Environment.ProcessId.ToString()); File.Move(\"{told}.draft\", \"{told}\", true); Thread.Sleep(Timeout.Infinite);"
            )
        );
        await using var program = RunningProgram.Start(Arguments("out", "--isolate"));
        (await program.UntilAsync(() => File.Exists(told))).Should().BeTrue(program.Output);
        var child = int.Parse(await File.ReadAllTextAsync(told), CultureInfo.InvariantCulture);
        var lived = Directory.Exists($"/proc/{child}");

        await program.KillAsync();

        lived.Should().BeTrue();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (Directory.Exists($"/proc/{child}"))
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    [Fact]
    public async Task Plugin_that_throws_when_its_stage_is_made_ends_the_run_with_its_message_and_the_other_stages_are_done()
    {
        SmallDataSet.Write(Input);
        var source = PluginSources
            .Number()
            .Replace("new NumberStage(options, context);", "throw new FileNotFoundException(\"no model\");", StringComparison.Ordinal);
        PluginCompiler.Compile(Plugins, "Numbers", source);

        var (code, output) = await RunAsync("out", "--isolate");

        code.Should().Be(1, output);
        output.Should().Contain("caption done, 40 rows").And.Contain("number is stopped: ").And.Contain("FileNotFoundException: no model");
    }

    /// <summary>The last sample of the input.</summary>
    private async Task<string> OddSampleAsync()
    {
        SmallDataSet.Write(Input);
        await ProgramRun.StartAsync(ProgramRun.Arguments(PipelineFile.Ingesting(folder), Input, Out("ids")));
        return (await new RunOutput(Out("ids")).RowsAsync<IngestRow>("ingest"))[^1].SampleId;
    }

    private string Out(string name) => Path.Combine(folder, name);

    private Task<(int Code, string Output)> RunAsync(string name, params string[] options) =>
        ProgramRun.StartAsync(Arguments(name, options));

    private string[] Arguments(string name, params string[] options)
    {
        var pipeline = Path.Combine(folder, "odd.yaml");
        File.WriteAllText(pipeline, Yaml);
        return [.. ProgramRun.Arguments(pipeline, Input, Out(name)), "--plugins", Plugins, "--plugins-unchecked", .. options];
    }
}
