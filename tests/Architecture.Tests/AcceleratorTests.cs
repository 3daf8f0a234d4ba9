using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.Architecture.Tests;

/// <summary>The build for CUDA (<c>-p:Accelerator=cuda</c>), which cannot be made where its packages are not served: what it would be made of.</summary>
public sealed partial class AcceleratorTests
{
    private static readonly string Models = Path.Combine(SourceTree.Root, "src", "Models", "Pipeline.Models.csproj");

    [Fact]
    public async Task Cuda_swaps_two_packages_and_nothing_else()
    {
        var cpu = await PackagesAsync("cpu");
        var cuda = await PackagesAsync("cuda");

        cpu.Except(cuda).Should().BeEquivalentTo("Microsoft.ML.OnnxRuntime", "TorchSharp-cpu");
        cuda.Except(cpu).Should().BeEquivalentTo("Microsoft.ML.OnnxRuntime.Gpu", "TorchSharp-cuda-linux");
    }

    /// <summary>In the long form, for the restore may fetch a gigabyte of what can be had.</summary>
    [Fact]
    [Trait("Form", "Long")]
    public async Task Restore_for_cuda_fails_on_names_that_are_not_served_alone()
    {
        var folder = Directory.CreateTempSubdirectory("pipeline-cuda-");
        try
        {
            var (code, output) = await DotnetAsync(
                "restore",
                Models,
                "-p:Accelerator=cuda",
                $"-p:ArtifactsPath={folder.FullName}",
                "--nologo"
            );
            var errors = Errors().Matches(output).Select(match => match.Value).Distinct().ToList();
            Assert.SkipWhen(
                errors.Exists(error => error.Contains("NU1301", StringComparison.Ordinal)),
                "No package source can be reached."
            );

            errors.Where(error => !IsNotServed(error)).Should().BeEmpty();
            (code == 0 || errors.Count > 0).Should().BeTrue("a restore that fails says why: {0}", output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsNotServed(string error) =>
        (error.Contains("NU1101", StringComparison.Ordinal) || error.Contains("NU1102", StringComparison.Ordinal))
        && (
            error.Contains("TorchSharp-cuda-linux", StringComparison.Ordinal)
            || error.Contains("Microsoft.ML.OnnxRuntime.Gpu", StringComparison.Ordinal)
            || error.Contains("libtorch-cuda", StringComparison.Ordinal)
            || error.Contains("Found ", StringComparison.Ordinal)
        );

    private static async Task<IReadOnlyList<string>> PackagesAsync(string accelerator)
    {
        var (code, output) = await DotnetAsync("msbuild", Models, $"-p:Accelerator={accelerator}", "-getItem:PackageReference", "--nologo");
        code.Should().Be(0, output);
        using var items = JsonDocument.Parse(output);
        return
        [
            .. items
                .RootElement.GetProperty("Items")
                .GetProperty("PackageReference")
                .EnumerateArray()
                .Select(item => item.GetProperty("Identity").GetString()!),
        ];
    }

    private static async Task<(int Code, string Output)> DotnetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    [GeneratedRegex(@"error NU\d+:.*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Errors();
}
