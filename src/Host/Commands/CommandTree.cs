using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Pipeline.Models.Hub;
using Pipeline.Models.Hub.Download;
using Pipeline.Shards;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport.RabbitMq;

namespace Pipeline.Host.Commands;

/// <summary>The commands under one root, and the one place where errors become messages and exit codes.</summary>
internal static class CommandTree
{
    /// <summary>The root with <paramref name="commands"/> below it, in this order in the help.</summary>
    public static RootCommand Create(params IReadOnlyList<Command> commands)
    {
        var root = new RootCommand("Streams a labelled image data set through captioning, description, editing, filtering and training.");
        foreach (var command in commands)
            root.Add(command);
        return root;
    }

    /// <summary>Parses and runs; gives the exit code. Known errors are a line each on <paramref name="error"/>; of a fault of the program the rest is put into a file.</summary>
    /// <param name="root">From <see cref="Create"/>.</param>
    /// <param name="arguments">Those of the process.</param>
    /// <param name="output">What the commands print.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="stop">Ends the command with <see cref="ExitCode.Interrupted"/>.</param>
    public static async Task<int> InvokeAsync(
        RootCommand root,
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error,
        CancellationToken stop
    )
    {
        // A value may begin with '@': no response files.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var problem in parsed.Errors)
                await error.WriteLineAsync($"error: {problem.Message}");
            await error.WriteLineAsync($"See: pipeline {Path(parsed.CommandResult)}--help");
            return ExitCode.Usage;
        }

        // Signals are Interruption's: the library ends a process that drains for longer than its limit.
        var settings = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(settings, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await error.WriteLineAsync("Interrupted. The same command goes on from here.");
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (IsKnown(exception))
        {
            foreach (var line in exception.Message.Split('\n'))
                await error.WriteLineAsync($"error: {line}");
            return ExitCode.Usage;
        }
        catch (Exception fault)
        {
            var report = FaultReport.Write(fault, arguments);
            await error.WriteLineAsync(
                $"error: a fault of the program: {fault.GetType().Name}: {fault.Message}\n"
                    + $"All that is known of it stands in {report}; report it with that file. Finished batches are kept: the same command goes on from them."
            );
            return ExitCode.Fault;
        }
    }

    /// <summary>The words that name the command, each with a blank behind it; empty for the root.</summary>
    private static string Path(SymbolResult? command) =>
        command is CommandResult { Command: not RootCommand } named ? $"{Path(named.Parent)}{named.Command.Name} " : "";

    /// <summary>Errors whose message is written for a person who has not seen the code.</summary>
    private static bool IsKnown(Exception exception) =>
        exception
            is UsageException
                or PipelineFileException
                or InputException
                or ShardDamagedException
                or ShardColumnException
                or InvalidDataException
                or ModelMissingException
                or HubException
                or BrokerException
                or IOException
                or UnauthorizedAccessException;
}
