using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Weights;
using Pipeline.Models.Weights.PyTorch;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>torch.save files: each is converted bit for bit, or refused with its cause, no file and no memory by its claims.</summary>
public sealed partial class PyTorchCheckpointGolden : IGoldenCode
{
    private const long AllocatedBytes = 4 << 20;
    private const string Unwrapped = "state_dict.";

    public string Case => "pytorch-checkpoint";

    public Action<GoldenFile, GoldenReport>? For(string file) => Run;

    private static void Run(GoldenFile file, GoldenReport report)
    {
        var files = file.Parameters.GetProperty("files");
        if (files.TryGetProperty(file.Name, out var known))
        {
            Convert(file, file.Name, known, report);
            return;
        }

        var sources = files
            .EnumerateObject()
            .Where(item => item.Value.TryGetProperty("expected", out var expected) && expected.GetString() == file.Name)
            .ToArray();
        sources.Should().NotBeEmpty("{0} is neither a checkpoint nor what one must give: write code for it", file.Name);
        foreach (var source in sources)
        {
            Convert(file, source.Name, source.Value, report);
        }
    }

    private static void Convert(GoldenFile file, string name, JsonElement known, GoldenReport report)
    {
        using var folder = new TemporaryFolder();
        var (source, target) = (Path.Combine(file.Folder, name), folder.File("out.safetensors"));
        switch (known.GetProperty("verdict").GetString())
        {
            case "accept":
                PyTorchCheckpoint.Convert(source, target);
                Compare(target, Path.Combine(file.Folder, known.GetProperty("expected").GetString()!), report);
                break;
            case "refuse":
                Refuse(source, target, known, folder, report);
                break;
            case "accept_or_refuse":
                AcceptOrRefuse(source, target, folder, report);
                break;
            case var verdict:
                throw new InvalidDataException($"{name}: the verdict {verdict} is unknown; write code for it.");
        }
    }

    private static void Compare(string target, string expected, GoldenReport report)
    {
        using var got = SafetensorsFile.Read(target);
        using var want = SafetensorsFile.Read(expected);
        var isWrapped = want.Entries.Keys.All(name => name.StartsWith(Unwrapped, StringComparison.Ordinal));
        var names = want.Entries.Keys.ToDictionary(name => name, name => isWrapped ? name[Unwrapped.Length..] : name);
        got.Entries.Keys.Should().BeEquivalentTo(names.Values);
        foreach (var (name, found) in names)
        {
            report.Compare(name, got.Tensor(found), want.Tensor(name));
            got.Bytes(found).Should().Equal(want.Bytes(name), "{0} must be the same bit for bit", name);
        }
    }

    private static void Refuse(string source, string target, JsonElement known, TemporaryFolder folder, GoldenReport report)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var message = Assert.Throws<InvalidDataException>(() => PyTorchCheckpoint.Convert(source, target)).Message;

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.Should().BeLessThan(AllocatedBytes, "memory must not follow what {0} claims", source);
        message.Should().StartWith(source).And.Contain("must be");
        if (known.TryGetProperty("torch_weights_only", out var other) && Unsupported().Match(other.GetString()!) is { Success: true } named)
        {
            message.Should().Contain(named.Groups["name"].Value);
        }

        NothingIsLeft(folder, report);
    }

    private static void AcceptOrRefuse(string source, string target, TemporaryFolder folder, GoldenReport report)
    {
        try
        {
            PyTorchCheckpoint.Convert(source, target);
            SafetensorsFile.Read(target).Dispose();
            File.Delete(target);
        }
        catch (InvalidDataException)
        {
            // the other verdict
        }

        NothingIsLeft(folder, report);
    }

    private static void NothingIsLeft(TemporaryFolder folder, GoldenReport report) =>
        report.Exact("files left behind", tensor((long)Directory.GetFileSystemEntries(folder.Root).Length), tensor(0L));

    [GeneratedRegex(@"Unsupported class (?<name>\w[\w.]*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Unsupported();
}
