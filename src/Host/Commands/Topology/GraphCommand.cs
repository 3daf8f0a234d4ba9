using System.CommandLine;
using System.Globalization;
using Pipeline.Host.Commands.Cluster;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Runs.Topology.Graph;

namespace Pipeline.Host.Commands.Topology;

/// <summary><c>pipeline graph</c>: draws the stages of a run with what waits for each and how fast it works.</summary>
internal static class GraphCommand
{
    private const string Text = "text";
    private const string Mermaid = "mermaid";
    private const string Svg = "svg";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var target = new RunTarget();
        var broker = new BrokerOption(required: false);
        var format = new Option<string>("--format")
        {
            Description = "text, mermaid (for Markdown) or svg (for a browser).",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => Text,
        };
        format.AcceptOnlyFromAmong(Text, Mermaid, Svg);
        var file = new Option<string?>("--output") { Description = "Is written instead of the terminal.", HelpName = "FILE" };
        var command = new Command("graph", "Draws the stages of a run, with what waits in their queues and how fast they work.")
        {
            format,
            file,
        };
        target.AddTo(command);
        broker.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var run = target.Open(parsed);
                await using var transport = broker.IsGiven(parsed) ? await broker.ConnectAsync(parsed, stop) : null;
                var graph = await ReadAsync(run, transport, stop);
                var picture = parsed.GetRequiredValue(format) switch
                {
                    Mermaid => MermaidGraph.Write(graph),
                    Svg => SvgGraph.Write(graph),
                    _ => TextGraph.Write(graph),
                };
                var output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(file) is not { } path)
                {
                    await output.WriteAsync(picture);
                    return ExitCode.Done;
                }

                await File.WriteAllTextAsync(path, picture, stop);
                await output.WriteLineAsync($"{path} is written.");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<TopologyGraph> ReadAsync(OpenRun run, Stages.Transport.ITransport? transport, CancellationToken stop)
    {
        var history = await new TopologyStore(run.Store, () => run.Directory.Kinds).ReadAsync(stop);
        var submission = run.Cluster is { } cluster ? await cluster.FindAsync(run.Id, stop) : null;
        var state = submission is null ? run.Directory.State : RunWatch.State(submission, run.Directory.Run);
        var activity = await new RunActivity(run, history, submission, TimeProvider.System).ReadAsync(transport, stop);
        var version = history.Newest.ToString(CultureInfo.InvariantCulture);
        return TopologyGraph.Of($"{history.Pipeline.Name}, run {run.Id}, version {version}, {state}", history.Pipeline, activity);
    }
}
