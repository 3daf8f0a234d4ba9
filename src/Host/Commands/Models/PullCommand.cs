using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Models.Hub;
using Pipeline.Models.Hub.Download;
using Pipeline.Models.Weights;
using Spectre.Console;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models pull</c>: the only command that downloads models.</summary>
internal static class PullCommand
{
    private const string CheckpointNote = "is published as a checkpoint that must be converted before it is read: pipeline models convert";

    /// <summary>The command.</summary>
    /// <param name="hub">Says which hub is asked; not called with <c>--offline</c>.</param>
    public static Command Create(Func<HubSettings> hub)
    {
        var names = new Argument<string[]>("NAME")
        {
            Description = "Models of the hub, org/name[@revision] each; with --file those that the pipeline names besides.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var pipeline = new PipelineModels();
        var models = new ModelsOption();
        var onnx = new Option<bool>("--onnx") { Description = "Gets ONNX graphs too where there are safetensors." };
        var variant = new Option<string?>("--variant")
        {
            Description = "Gets the ONNX graphs of this variant instead of the full ones, such as quantized, int8 or fp16.",
            HelpName = "WORD",
        };
        var offline = new Option<bool>("--offline")
        {
            Description = "Opens no connection: says whether all is there, and fails when it is not.",
        };
        var plain = new Option<bool>("--plain") { Description = "A line a file instead of bars; so it is without a terminal too." };
        var command = new Command(
            "pull",
            "Downloads models from the hub (HF_ENDPOINT, HF_TOKEN), or goes on with it. The only command that does."
        )
        {
            names,
            onnx,
            variant,
            offline,
            plain,
        };
        pipeline.AddTo(command);
        models.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var output = parsed.InvocationConfiguration.Output;
                var file = await pipeline.ReadAsync(parsed, output, stop);
                var asked = parsed.GetValue(names) ?? [];
                if (asked.Length == 0 && file is null)
                {
                    throw new UsageException("No model is named; NAME or --file PIPELINE must be given. Name what is to be pulled.");
                }

                var library = models.Open(parsed, mayLack: true).With(file is null ? null : ModelLock.Find(file.Folder));
                var wanted = asked.Concat(file?.Names ?? []).Distinct(StringComparer.Ordinal).ToList();
                var choice = new HubFileChoice(parsed.GetValue(onnx), parsed.GetValue(variant));
                var found = parsed.GetValue(offline)
                    ? Present(library, wanted)
                    : await PullView.ShowAsync(
                        parsed.GetValue(plain),
                        AnsiConsole.Console,
                        output,
                        report => PullAsync(library, wanted, hub(), choice, report, stop)
                    );
                Check(library, found);
                Print(library, found, output);
                if (file is not null && !parsed.GetValue(offline))
                {
                    file.Lock(library);
                    await output.WriteLineAsync($"locked  {RunSummary.Shown(file.LockPath)}");
                }

                return ExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>Every model that is wanted; those that are no models of the hub must be there.</summary>
    private static async Task<IReadOnlyList<ModelFolder>> PullAsync(
        ModelLibrary library,
        List<string> names,
        HubSettings hub,
        HubFileChoice choice,
        Action<PullProgress> report,
        CancellationToken stop
    )
    {
        var parsed = names.ConvertAll(ModelName.Parse); // all names are good before anything is asked
        var missing = parsed.Where(name => name.Source != ModelSource.Hub && library.TryFind(name.ToString()) is null).ToList();
        if (missing.Count > 0)
        {
            throw new UsageException(library.Missing(missing.Select(name => name.ToString())));
        }

        var pull = new ModelPull(library, hub);
        var found = new List<ModelFolder>();
        foreach (var name in parsed)
        {
            found.Add(
                name.Source == ModelSource.Hub
                    ? await pull.GetAsync(library.Locked(name), choice, report, stop) with
                    {
                        Name = name,
                    }
                    : library.Find(name.ToString())
            );
        }

        return found;
    }

    private static IReadOnlyList<ModelFolder> Present(ModelLibrary library, List<string> names)
    {
        var missing = names.Where(name => library.TryFind(name) is null).ToList();
        return missing.Count == 0
            ? [.. names.Select(library.Find)]
            : throw new UsageException($"--offline is given, and nothing is downloaded. {library.Missing(missing)}");
    }

    private static void Check(ModelLibrary library, IReadOnlyList<ModelFolder> found)
    {
        var differences = found.Select(folder => library.Difference(folder, ModelLibrary.FilesOf(folder))).OfType<string>().ToList();
        if (differences.Count > 0)
        {
            throw new UsageException(string.Join('\n', differences));
        }
    }

    private static void Print(ModelLibrary library, IReadOnlyList<ModelFolder> found, TextWriter output)
    {
        var table = new TextTable("model", "revision", "size", "licence", "folder");
        foreach (var folder in found)
        {
            table.Add(
                folder.Name.ToString(),
                folder.Revision ?? "–",
                Amounts.Bytes(ModelLibrary.SizeOf(folder)),
                folder.Licence ?? "not stated",
                folder.Path
            );
        }

        table.Write(output);
        foreach (var folder in found)
        {
            if (folder.Terms is { IsRestricted: true } && AcceptedLicences.Find(library.Places, folder) is null)
            {
                output.WriteLine(
                    $"{folder.Name}: its licence restricts its use. Before a run: {library.Places.Command($"accept {folder.Name}")}"
                );
            }

            foreach (var path in Unread(folder))
            {
                output.WriteLine($"{folder.Name} {CheckpointNote} {RunSummary.Shown(path)}");
            }
        }
    }

    /// <summary>Checkpoints of a model that has no weights which can be read.</summary>
    private static IEnumerable<string> Unread(ModelFolder folder)
    {
        var files = Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        return files.Exists(path => Path.GetExtension(path) is ".safetensors" or ".onnx") ? [] : files.Where(WeightFiles.IsPickle);
    }
}
