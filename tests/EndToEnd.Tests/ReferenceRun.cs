using System.Text;
using Pipeline.EndToEnd.Tests;

[assembly: AssemblyFixture(typeof(ReferenceRun))]

namespace Pipeline.EndToEnd.Tests;

/// <summary>One uninterrupted run of the starter, to which interrupted ones over the same input must be equal.</summary>
public sealed class ReferenceRun : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-reference-").FullName;
    private readonly Lazy<Task<Finished>> run;

    public ReferenceRun() => run = new Lazy<Task<Finished>>(RunAsync);

    /// <summary>Two classes, and three files that are no pictures: found by their header, or only when they are decoded.</summary>
    public string Input => Path.Combine(folder, "in");

    /// <summary>Where the run lies once it is finished; not to be changed.</summary>
    public string Output => Path.Combine(folder, "out");

    /// <summary>What the run came to.</summary>
    public Task<Finished> Run => run.Value;

    /// <summary>The arguments of the same run into another directory.</summary>
    public string[] Arguments(string output) => ProgramRun.Arguments("starter", Input, output, ProgramRun.Small);

    /// <summary>Copies the finished run to where it may be changed.</summary>
    public async Task CopyToAsync(string directory)
    {
        await Run;
        foreach (var path in Directory.EnumerateFiles(Output, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(directory, Path.GetRelativePath(Output, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy) ?? directory);
            File.Copy(path, copy);
        }
    }

    public ValueTask InitializeAsync()
    {
        SmallDataSet.Write(Input);
        var red = Path.Combine(Input, "train", "red");
        File.WriteAllBytes(Path.Combine(red, "empty.jpg"), []);
        File.WriteAllText(Path.Combine(red, "text.jpg"), "no picture", Encoding.ASCII);
        File.WriteAllBytes(Path.Combine(red, "short.jpg"), File.ReadAllBytes(Path.Combine(red, "0001.jpg"))[..^200]);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<Finished> RunAsync()
    {
        await using var program = RunningProgram.Start(Arguments(Output));
        var code = await program.EndAsync();
        code.Should().Be(0, program.Output);
        return new Finished(program.Output, program.Elapsed, ProgramRun.Files(Output));
    }

    /// <summary>A finished run.</summary>
    /// <param name="Output">What it printed.</param>
    /// <param name="Duration">From start to end of the program.</param>
    /// <param name="Files">Its files that must repeat, with their hashes.</param>
    public sealed record Finished(string Output, TimeSpan Duration, SortedDictionary<string, string> Files);
}
