using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Models.Hub;
using Pipeline.Models.Onnx.Quantization;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models quantize</c>: ONNX graphs whose linear layers multiply whole numbers of 8 bits.</summary>
internal static class QuantizeCommand
{
    private const string Ending = ".onnx";
    private const string Suffix = "_int8"; // Transformers.js's

    /// <summary>Endings of graphs that are not of full precision.</summary>
    private static readonly string[] Variants = ["_int8", "_quantized", "_uint8", "_fp16", "_q4", "_bnb4", "_q4f16", "_q8"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var what = new Argument<string>("NAME|FILE")
        {
            Description = "A model, all of whose graphs of full precision are taken, or an .onnx file.",
        };
        var to = new Option<string?>("--to")
        {
            Description = $"With FILE: the graph to write; it must not be there. Without it beside FILE, with {Suffix} in its name.",
            HelpName = "FILE",
        };
        var models = new ModelsOption();
        var command = new Command(
            "quantize",
            $"Writes int8 graphs beside those of full precision, as NAME{Suffix}{Ending}: quantization int8 finds them."
        )
        {
            what,
            to,
        };
        models.AddTo(command);
        command.SetAction(parsed =>
        {
            var (named, target) = (parsed.GetRequiredValue(what), parsed.GetValue(to));
            var graphs = File.Exists(named) ? [(named, target ?? Beside(named))] : Graphs(models.Open(parsed), named, target);
            if (
                graphs.Find(graph => !graph.Target.EndsWith(Ending, StringComparison.Ordinal) || File.Exists(graph.Target)) is
                { Target: { } bad }
            )
            {
                throw new UsageException(
                    $"The target {bad} {(File.Exists(bad) ? "is there already" : "has another ending")}; it must be a new file that ends in {Ending}. Remove it, or give FILE and --to FILE."
                );
            }

            Write(graphs, parsed.InvocationConfiguration.Output);
            return ExitCode.Done;
        });
        return command;
    }

    private static List<(string Source, string Target)> Graphs(ModelLibrary library, string name, string? target)
    {
        if (target is not null)
        {
            throw new UsageException($"--to is given with {name}, which is no file; it must stand with an .onnx file. Leave it out.");
        }

        var folder = library.Find(name);
        if (folder.IsReadOnly)
        {
            throw new UsageException(
                $"The model {name} lies in {folder.Path}, where nothing is written; it must lie in a folder of yours. Pull it ({library.Places.Command($"pull {name} --onnx")}), or name one of its files with --to FILE."
            );
        }

        var graphs = ModelLibrary
            .FilesOf(folder)
            .Select(file => file.Path)
            .Where(path => path.EndsWith(Ending, StringComparison.Ordinal))
            .Where(path => !Variants.Any(variant => path[..^Ending.Length].EndsWith(variant, StringComparison.Ordinal)))
            .Select(path => Path.Combine(folder.Path, path))
            .Select(path => (path, Beside(path)))
            .ToList();
        return graphs.Count > 0
            ? graphs
            : throw new UsageException(
                $"The model {name} in {folder.Path} has no ONNX graph of full precision; it must have one. Pull it with its graphs: {library.Places.Command($"pull {name} --onnx")}"
            );
    }

    private static string Beside(string graph) =>
        graph.EndsWith(Ending, StringComparison.Ordinal)
            ? graph[..^Ending.Length] + Suffix + Ending
            : throw new UsageException(
                $"{graph} has another ending than {Ending}; it must be an ONNX graph, or the name of a model. Correct it."
            );

    private static void Write(IEnumerable<(string Source, string Target)> graphs, TextWriter output)
    {
        var table = new TextTable("graph", "matrices", "kept", "before", "now", "written");
        foreach (var (source, target) in graphs)
        {
            var done = OnnxQuantizer.Quantize(source, Path.GetFullPath(target));
            table.Add(
                Path.GetFileName(source),
                Amounts.Count(done.Matrices),
                Amounts.Count(done.Kept),
                Amounts.Bytes(done.SourceBytes),
                Amounts.Bytes(done.TargetBytes),
                RunSummary.Shown(target)
            );
        }

        table.Write(output);
        output.WriteLine(
            "The model holds more files now: a lock of it must be written anew (pipeline models lock), and runs with it are other runs."
        );
    }
}
