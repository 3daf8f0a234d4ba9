using System.Diagnostics;
using System.IO.Compression;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs;

namespace Pipeline.EndToEnd.Tests;

/// <summary>What a plugin author does: installs the template, makes a stage, builds it against the packages, tests it and drops it.</summary>
public sealed class TemplateTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-template-").FullName;

    private string Packages => Path.Combine(folder, "packages");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Stage_of_the_template_builds_passes_its_test_and_is_loaded()
    {
        await PackAsync();
        var hive = Path.Combine(folder, "hive");
        await DotnetAsync(
            folder,
            "new",
            "install",
            Directory.GetFiles(Packages, "Pipeline.Templates.*.nupkg").Single(),
            "--debug:custom-hive",
            hive
        );

        await DotnetAsync(folder, "new", "pipeline-stage", "-n", "Blur", "--debug:custom-hive", hive);
        await DotnetAsync(folder, "build", "Blur/Blur.Tests", "-c", "Release", "-v", "q", "-p:UseSharedCompilation=false");
        var tested = await RunAsync(Path.Combine(folder, "Blur", "Blur.Tests", "bin", "Release", "net10.0", "Blur.Tests"), folder, []);

        tested.Should().MatchRegex("Failed: 0").And.MatchRegex("Total: 6");
        var plugins = Directory.CreateDirectory(Path.Combine(folder, "plugins")).FullName;
        Directory.Move(Path.Combine(folder, "Blur", "Blur", "bin", "Release", "net10.0"), Path.Combine(plugins, "Blur"));
        File.Exists(Path.Combine(plugins, "Blur", "Pipeline.Sdk.dll")).Should().BeFalse("the program has it");
        var log = new List<string>();
        await using var opened = await PluginFolder.OpenAsync(
            new PluginSettings { Folder = plugins, Unchecked = true },
            RunSession.Catalog,
            log.Add,
            TimeProvider.System,
            CancellationToken.None
        );
        opened.Catalog.TryFind("blur", out var kind).Should().BeTrue(string.Join('\n', log));
        kind!.Adds.Should().Equal("sample_id", "size");
    }

    [Fact]
    public async Task Packages_hold_one_assembly_its_documentation_and_a_readme()
    {
        await PackAsync();

        Names("Pipeline.Messages")
            .Should()
            .Contain(["lib/net10.0/Pipeline.Messages.dll", "lib/net10.0/Pipeline.Messages.xml", "README.md", "Contracts.txt"]);
        Names("Pipeline.Sdk")
            .Where(name => !name.Contains("package/", StringComparison.Ordinal) && name[0] is not ('_' or '['))
            .Should()
            .BeEquivalentTo("Pipeline.Sdk.nuspec", "lib/net10.0/Pipeline.Sdk.dll", "lib/net10.0/Pipeline.Sdk.xml", "README.md");
        Directory.GetFiles(Packages, "*.snupkg").Should().HaveCount(2);
    }

    private IEnumerable<string> Names(string package)
    {
        using var archive = ZipFile.OpenRead(Directory.GetFiles(Packages, $"{package}.*.nupkg").Single());
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    /// <summary>Packs what the build of this test has made, and has restores take it from there; nothing comes into the user's package folder.</summary>
    private async Task PackAsync()
    {
        foreach (var project in new[] { "src/Messages", "src/Sdk" })
        {
            await DotnetAsync(Root(), "pack", project, "-c", "Release", "--no-build", "-o", Packages, "-v", "q");
        }

        await DotnetAsync(Root(), "pack", "infra/templates", "-c", "Release", "-o", Packages, "-v", "q", "-p:UseSharedCompilation=false");
        var user =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "", ".nuget", "packages");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "NuGet.config"),
            $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{folder}/restored" /></config>
              <packageSources><add key="packed" value="{Packages}" /></packageSources>
              <fallbackPackageFolders><add key="user" value="{user}" /></fallbackPackageFolders>
            </configuration>
            """
        );
    }

    private static Task<string> DotnetAsync(string directory, params string[] arguments) =>
        RunAsync(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", directory, arguments);

    private static async Task<string> RunAsync(string file, string directory, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // or its nodes outlive the test
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment.Remove("NUGET_PACKAGES");
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start.");
        using var limit = new CancellationTokenSource(Limit);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var text = await output + await error;
        process.ExitCode.Should().Be(0, $"{file} {string.Join(' ', arguments)}:\n{text}");
        return text;
    }

    private static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Pipeline.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("No folder above the test holds Pipeline.sln; it must run inside the repository.");
    }
}
