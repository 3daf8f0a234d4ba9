using System.CommandLine;
using System.Globalization;
using Pipeline.Host.View;
using Pipeline.Models.Hub;
using Pipeline.Models.Images;
using Pipeline.Models.Probe;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models check</c>: what a model sees in a picture.</summary>
internal static class CheckCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The model: org/name[@revision], path:DIR or builtin:NAME." };
        var picture = new Option<string?>("--picture")
        {
            Description = "An image to look at instead of the program's own: a red house on a meadow, drawn.",
            HelpName = "FILE",
        };
        var models = new ModelsOption();
        var command = new Command("check", "Runs a model on a picture and prints what it sees; downloads nothing.") { name, picture };
        models.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var folder = models.Open(parsed).Find(parsed.GetRequiredValue(name));
                var path = parsed.GetValue(picture);
                var bytes = path is null ? ProbePicture.Encode() : await File.ReadAllBytesAsync(path, stop);
                Print(folder, Look(folder, bytes, path, stop), path, parsed.InvocationConfiguration.Output);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static ProbeReport Look(ModelFolder folder, byte[] bytes, string? path, CancellationToken stop)
    {
        ModelLibrary.SizeOf(folder); // no link may lead out of the model
        try
        {
            return ModelProbe.Look(folder.Path, bytes, stop);
        }
        catch (ImageRejectedException rejected)
        {
            throw new UsageException($"{path} is no picture that can be read ({rejected.Message}); it must be one. Name another file.");
        }
    }

    private static void Print(ModelFolder folder, ProbeReport report, string? picture, TextWriter output)
    {
        var facts = new TextTable("model", folder.Name.ToString());
        facts.Add("is", report.Model);
        facts.Add("folder", folder.Path);
        facts.Add("licence", folder.Licence ?? "not stated");
        facts.Add("picture", picture ?? "the program's own: a red house on a meadow, drawn");
        facts.Write(output);
        if (report.Ranking.Count > 0)
        {
            output.WriteLine();
            var seen = new TextTable("sees", "probability");
            foreach (var (what, probability) in report.Ranking)
            {
                seen.Add(what, probability.ToString("0.0000", CultureInfo.InvariantCulture));
            }

            seen.Write(output);
        }

        if (report.Verdict.Length > 0)
        {
            output.WriteLine($"\n{TextTable.Clean(report.Verdict)}");
        }
    }
}
