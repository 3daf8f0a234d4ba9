using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Models.Weights.PyTorch;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models convert</c>: a checkpoint becomes safetensors, and nothing in it is executed.</summary>
internal static class ConvertCommand
{
    private const string Ending = ".safetensors";
    private const int MostShown = 10;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A checkpoint of PyTorch: .bin, .pt, .pth or .ckpt." };
        var to = new Option<string?>("--to")
        {
            Description =
                "The safetensors file; it must not be there. Without it beside FILE: model.safetensors for pytorch_model.bin, else FILE's name with that ending.",
            HelpName = "FILE",
        };
        var command = new Command("convert", "Makes safetensors of a PyTorch checkpoint; no code in it is executed.") { file, to };
        command.SetAction(parsed =>
        {
            var source = parsed.GetRequiredValue(file);
            if (!File.Exists(source))
            {
                throw new UsageException($"{source} is not a file; it must be a checkpoint of PyTorch. Correct the path.");
            }

            var target = parsed.GetValue(to) ?? Beside(source);
            if (!target.EndsWith(Ending, StringComparison.Ordinal) || File.Exists(target))
            {
                throw new UsageException(
                    $"The target {target} {(File.Exists(target) ? "is there already" : "has another ending")}; it must be a new file that ends in {Ending}. Give --to FILE."
                );
            }

            Print(PyTorchCheckpoint.Convert(source, Path.GetFullPath(target)), parsed.InvocationConfiguration.Output);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>As Transformers names the same weights in both forms.</summary>
    private static string Beside(string source)
    {
        var stem = Path.GetFileNameWithoutExtension(source);
        var name = stem == "pytorch_model" ? "model" : stem.Replace("pytorch_model-", "model-", StringComparison.Ordinal);
        return Path.Combine(Path.GetDirectoryName(source) ?? "", name + Ending);
    }

    private static void Print(CheckpointConversion done, TextWriter output)
    {
        foreach (var skipped in done.Skipped.Take(MostShown))
        {
            output.WriteLine($"left out: {TextTable.Clean(skipped)}");
        }

        if (done.Skipped.Count > MostShown)
        {
            output.WriteLine($"left out: {Amounts.Count(done.Skipped.Count - MostShown)} more");
        }

        output.WriteLine(
            $"{Amounts.Count(done.Tensors.Count)} tensors, {Amounts.Bytes(new FileInfo(done.Target).Length)}: {RunSummary.Shown(done.Target)}"
        );
    }
}
