using System.Text.Json;

namespace Pipeline.Host.Commands;

/// <summary>What <c>run.json</c> of an output directory says.</summary>
/// <param name="Id">Name of the run's folder below <c>runs/</c>.</param>
/// <param name="Pipeline">Preset or file that was run.</param>
/// <param name="Input">The data set.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="State"><c>running</c>, <c>done</c>, <c>interrupted</c> or <c>failed</c>.</param>
/// <param name="Started">When, as written; null when it is not said.</param>
internal sealed record RunFile(string Id, string? Pipeline, string? Input, long Seed, string State, string? Started);

/// <summary>An output directory that is there and has a readable <c>run.json</c>.</summary>
/// <param name="Root">Absolute path.</param>
/// <param name="Run">What <c>run.json</c> says.</param>
internal sealed record OutputDirectory(string Root, RunFile Run)
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web);

    /// <summary>Opens <paramref name="directory"/>.</summary>
    /// <exception cref="UsageException">It is not there, or is not the output directory of a run.</exception>
    public static OutputDirectory Open(string directory)
    {
        var root = Existing(directory);
        var path = Path.Combine(root, "run.json");
        if (!File.Exists(path))
            throw new UsageException(
                $"{directory} has no run.json; it must be the output directory of a run. Give what --output was given."
            );
        return new OutputDirectory(root, Read(path));
    }

    /// <summary>The absolute path of a folder that is there.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public static string Existing(string directory) =>
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
