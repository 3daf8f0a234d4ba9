using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Models.Hub;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models verify</c>: hashes models again, and compares them with what they must be.</summary>
internal static class VerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var names = new Argument<string[]>("NAME")
        {
            Description = "Models; without any, and without --file, all on this machine.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var pipeline = new PipelineModels();
        var models = new ModelsOption();
        var command = new Command("verify", "Hashes models' files and compares them with the manifest, the blobs' names and the lock.")
        {
            names,
        };
        pipeline.AddTo(command);
        models.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var output = parsed.InvocationConfiguration.Output;
                var file = await pipeline.ReadAsync(parsed, output, stop);
                var library = models.Open(parsed).With(file is null ? null : ModelLock.Find(file.Folder));
                var asked = (parsed.GetValue(names) ?? []).Concat(file?.Names ?? []).Distinct(StringComparer.Ordinal).ToList();
                var missing = asked.Where(name => library.TryFind(name) is null).ToList();
                return missing.Count > 0
                    ? throw new UsageException(library.Missing(missing))
                    : Print(library, asked.Count > 0 ? [.. asked.Select(library.Find)] : library.All(), output);
            }
        );
        return command;
    }

    private static int Print(ModelLibrary library, IReadOnlyList<ModelFolder> folders, TextWriter output)
    {
        var table = new TextTable("model", "revision", "checked", "unknown", "result");
        var faults = new List<string>();
        foreach (var folder in folders)
        {
            var found = ModelVerification.Of(folder);
            var wrong = found.Faults.Select(fault => $"{folder.Path}: {fault}").ToList();
            if (library.Difference(folder, ModelLibrary.FilesOf(folder)) is { } difference)
            {
                wrong.Add(difference);
            }

            faults.AddRange(wrong);
            table.Add(
                folder.Name.ToString(),
                folder.Revision ?? "–",
                Amounts.Count(found.Checked),
                Amounts.Count(found.Unknown.Count),
                wrong.Count > 0 ? "NOT AS IT MUST BE"
                    : found.Checked > 0 || library.HasLocked(folder.Name) ? "good"
                    : "nothing to hold it against"
            );
        }

        table.Write(output);
        foreach (var fault in faults)
        {
            output.WriteLine(TextTable.Clean(fault));
        }

        return faults.Count == 0 ? ExitCode.Done : ExitCode.NotGood;
    }
}
