using System.Text.Json;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Host.Commands;

/// <summary>An output directory that is there and has a readable <c>run.json</c>.</summary>
/// <param name="Root">Absolute path.</param>
/// <param name="Run">What <c>run.json</c> says.</param>
internal sealed record OutputDirectory(string Root, RunFile Run)
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web);

    /// <summary>Whether a process works in it now.</summary>
    public bool IsInUse { get; } = OutputLock.IsHeld(Root);

    /// <summary><c>running</c> while a process works in it, else how the last one ended: <c>done</c>, <c>failed</c> or <c>interrupted</c>.</summary>
    public string State =>
        IsInUse ? "running"
        : Run.State == "running" ? "interrupted" // its process was killed before it could say so
        : Run.State;

    /// <summary>Opens <paramref name="directory"/>.</summary>
    /// <exception cref="UsageException">It is not there, or is not the output directory of a run.</exception>
    public static OutputDirectory Open(string directory)
    {
        var root = Existing(directory);
        var path = Path.Combine(root, RunFile.Name);
        if (!File.Exists(path))
            throw new UsageException(
                $"{directory} has no run.json; it must be the output directory of a run. Give what --output was given."
            );
        return new OutputDirectory(root, Read(path));
    }

    /// <summary>The kinds that its pipeline may name: the program's, and those that it has the manifests of.</summary>
    /// <exception cref="InvalidDataException">The file of these is not readable.</exception>
    public StageCatalog Kinds => KindsFile.Read(Root, RunSession.Catalog);

    /// <summary>The pipeline that the run was last given, with every option.</summary>
    /// <exception cref="UsageException">Its file is not there.</exception>
    /// <exception cref="PipelineFileException">Its file was changed by hand.</exception>
    public PipelineDefinition ReadPipeline()
    {
        var path = Path.Combine(Root, "pipeline.yaml");
        return File.Exists(path)
            ? PipelineFile.ReadWritten(File.ReadAllText(path), path, Kinds)
            : throw new UsageException($"{path} is not there; it must be as the run wrote it. Give the run's command again.");
    }

    /// <summary>The absolute path of a folder that is there.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    private static string Existing(string directory) =>
        directory.Length > 0 && Directory.Exists(directory)
            ? Path.GetFullPath(directory)
            : throw new UsageException(
                $"{directory} is not a folder; it must be the output directory of a run. Give what --output was given."
            );

    private static RunFile Read(string path)
    {
        RunFile? run;
        try
        {
            run = JsonSerializer.Deserialize<RunFile>(File.ReadAllBytes(path), Form);
        }
        catch (JsonException error)
        {
            throw new UsageException(
                $"{path} is not JSON of a run: {error.Message} It must be as the run wrote it. Run the same command again."
            );
        }

        return run is { Id.Length: > 0, State.Length: > 0 } && Path.GetFileName(run.Id) == run.Id && run.Id is not ("." or "..")
            ? run
            : throw new UsageException(
                $"{path} has no id and state of a run; both must be there, the id a plain folder name. Is this another program's folder?"
            );
    }
}
