using System.CommandLine;
using Pipeline.Models.Hub;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>--file</c>: a pipeline whose models a command is about, and the lock beside it.</summary>
internal sealed class PipelineModels
{
    private readonly Option<string?> file = new("--file")
    {
        Description = $"A pipeline file: the command is about the models that it names, and {ModelLock.FileName} beside it.",
        HelpName = "PIPELINE",
    };

    private readonly Option<string[]> settings = SettingOption.Create();
    private readonly PluginOptions plugins = new();

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="required">Whether it needs a pipeline.</param>
    public void AddTo(Command command, bool required = false)
    {
        file.Required = required;
        command.Add(file);
        command.Add(settings);
        plugins.AddTo(command);
    }

    /// <summary>What was named; null for no pipeline.</summary>
    /// <exception cref="UsageException">It is no file.</exception>
    public async Task<NamedPipeline?> ReadAsync(ParseResult parsed, TextWriter output, CancellationToken stop)
    {
        if (parsed.GetValue(file) is not { } path)
        {
            return null;
        }

        if (!File.Exists(path))
        {
            throw new UsageException(
                $"--file is {path}, where no file is; it must be a pipeline file, beside which {ModelLock.FileName} lies. Correct the path."
            );
        }

        await using var folder = await PluginOptions.OpenAsync(plugins.Read(parsed), output.WriteLine, stop);
        var pipeline = RunSession.Read(path, parsed.GetValue(settings) ?? [], folder?.Catalog);
        string[] names = [.. pipeline.Stages.SelectMany(stage => stage.Options.Models).Distinct(StringComparer.Ordinal)];
        return new NamedPipeline(path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? "", names);
    }
}

/// <summary>A pipeline file that a command was given.</summary>
/// <param name="Path">As it was given.</param>
/// <param name="Folder">Where it lies.</param>
/// <param name="Names">The models that it names, in its order, each once.</param>
internal sealed record NamedPipeline(string Path, string Folder, IReadOnlyList<string> Names)
{
    /// <summary>The lock's path.</summary>
    public string LockPath => System.IO.Path.Combine(Folder, ModelLock.FileName);

    /// <summary>Writes the lock; its old bytes stay when nothing changed.</summary>
    /// <param name="library">In which the models are found.</param>
    public void Lock(ModelLibrary library)
    {
        var models = new ModelLock();
        foreach (var name in Names)
        {
            var folder = library.Find(name);
            models.Models[folder.Name.ToString()] = ModelLock.Of(folder, ModelLibrary.FilesOf(folder));
        }

        models.Write(Folder);
    }
}
