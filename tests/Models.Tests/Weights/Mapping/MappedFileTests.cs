using System.Diagnostics;
using Pipeline.Models.Weights;
using Pipeline.Models.Weights.Mapping;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Weights.Mapping;

public sealed class MappedFileTests(ITestOutputHelper output) : IDisposable
{
    private const int Elements = 1 << 20;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cut", "mapped 1")]
    [InlineData("stranger", "mapped 1")]
    [InlineData("zeros", "mapped 1")]
    [InlineData("written", "mapped 0")] // somebody has the file open for writing: copied
    [InlineData("before", null)]
    public async Task File_that_is_cut_or_rewritten_changes_no_tensor_and_kills_no_process(string way, string? mapped)
    {
        if (Environment.GetEnvironmentVariable(ShrinkChild.Variable) is { Length: > 0 } order)
        {
            if (order.StartsWith($"{way}:", StringComparison.Ordinal)) // the other rows are run by other processes
            {
                new ShrinkChild(output).Run(way, order[(way.Length + 1)..]);
            }

            return;
        }

        Write("model.safetensors");

        var (code, lines) = await ChildAsync(way);

        code.Should().Be(0, string.Join('\n', lines));
        if (mapped is not null)
        {
            lines
                .Should()
                .Contain(line => line.EndsWith(CanLease() ? mapped : "mapped 0", StringComparison.Ordinal))
                .And.Contain(line => line.EndsWith($"sums {Elements} {2 * Elements} {3 * Elements}", StringComparison.Ordinal));
        }

        if (way != "zeros")
        {
            lines
                .Where(line => line.Contains("refused", StringComparison.Ordinal))
                .Should()
                .HaveCount(3)
                .And.AllSatisfy(line => line.Should().Contain("the file ends at byte"));
        }
    }

    [Fact]
    public void View_and_copy_are_equal_and_a_misaligned_or_converted_tensor_is_copied()
    {
        Write("model.safetensors");
        Misalign("model.safetensors", "odd.safetensors");
        using var even = WeightFiles.OpenFile(folder.File("model.safetensors"));
        using var odd = WeightFiles.OpenFile(folder.File("odd.safetensors"));

        foreach (var weights in new[] { even, odd })
        {
            foreach (var name in weights.Entries.Keys)
            {
                weights.View(name, ComputeType.Float32).Equals(weights.Tensor(name)).Should().BeTrue();
                weights.View(name, ComputeType.BFloat16).Equals(weights.Tensor(name, ComputeType.BFloat16)).Should().BeTrue();
            }
        }

        Maps("model.safetensors").Should().Be(CanLease() ? 1 : 0);
        Maps("odd.safetensors").Should().Be(0);
    }

    [Fact]
    public void Two_who_open_one_file_share_its_memory_and_a_file_of_the_same_name_is_another()
    {
        Write("model.safetensors");
        using var first = WeightFiles.OpenFile(folder.File("model.safetensors"));
        using var second = WeightFiles.OpenFile(folder.File("model.safetensors"));
        using var a = first.View("a", ComputeType.Float32);
        using var b = second.View("a", ComputeType.Float32);
        Maps("model.safetensors").Should().Be(CanLease() ? 1 : 0);

        Write("other.safetensors", factor: 5);
        File.Move(folder.File("other.safetensors"), folder.File("model.safetensors"), overwrite: true);

        using var third = WeightFiles.OpenFile(folder.File("model.safetensors"));
        third.View("a", ComputeType.Float32).sum().ToSingle().Should().Be(5 * Elements);
        a.sum().ToSingle().Should().Be(Elements);
        b.sum().ToSingle().Should().Be(Elements);
    }

    [Fact]
    public void Small_files_are_copied()
    {
        using var few = ones(100);
        SafetensorsFile.Write(folder.File("small.safetensors"), [("a", few)]);

        using var weights = WeightFiles.OpenFile(folder.File("small.safetensors"));
        using var view = weights.View("a", ComputeType.Float32);

        Maps("small.safetensors").Should().Be(0);
        view.Equals(few).Should().BeTrue();
    }

    [Fact]
    public void Parameters_of_a_network_on_meta_lie_in_the_file_and_require_no_gradient()
    {
        using var stored = nn.Linear(1024, 1024);
        SafetensorsFile.Write(folder.File("linear.safetensors"), stored.state_dict().Select(item => (item.Key, item.Value)));
        using var network = nn.Linear(1024, 1024, device: META);
        using var weights = WeightFiles.OpenFile(folder.File("linear.safetensors"));

        ModuleWeights.Load(network, weights);

        Maps("linear.safetensors").Should().Be(CanLease() ? 1 : 0);
        network.weight.requires_grad.Should().BeFalse();
        using var input = rand(2, 1024);
        network.call(input).Equals(stored.call(input)).Should().BeTrue();
    }

    private static int Maps(string file) =>
        File.ReadLines("/proc/self/maps").Count(line => line.EndsWith($"/{file}", StringComparison.Ordinal));

    /// <summary>Where the file system knows of no leases everything is copied; the values must be the same.</summary>
    private bool CanLease()
    {
        File.WriteAllBytes(folder.File("lease"), new byte[2 << 20]);
        using var handle = File.OpenHandle(folder.File("lease"));
        return MappedFile.Of(handle, 2 << 20) is not null;
    }

    private void Write(string file, int factor = 1)
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(
            folder.File(file),
            [("a", full(Elements, factor)), ("b", full(Elements, 2 * factor)), ("c", full([Elements / 4, 4], 3 * factor))]
        );
    }

    /// <summary>The same file with a header two bytes longer.</summary>
    private void Misalign(string file, string to)
    {
        var bytes = File.ReadAllBytes(folder.File(file));
        var length = (int)BitConverter.ToInt64(bytes);
        File.WriteAllBytes(
            folder.File(to),
            [.. BitConverter.GetBytes((long)length + 2), .. bytes[8..(8 + length)], (byte)' ', (byte)' ', .. bytes[(8 + length)..]]
        );
    }

    private async Task<(int Code, List<string> Lines)> ChildAsync(string way)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Pipeline.Models.Tests"),
            [
                "--filter-method",
                $"*.{nameof(File_that_is_cut_or_rewritten_changes_no_tensor_and_kills_no_process)}",
                "--show-live-output",
                "on",
                "--no-ansi",
                "--no-progress",
            ]
        )
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[ShrinkChild.Variable] = $"{way}:{folder.File("model.safetensors")}";
        using var child = Process.Start(start)!;
        using var alarm = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var text = await child.StandardOutput.ReadToEndAsync(alarm.Token);
            await child.WaitForExitAsync(alarm.Token);
            return (child.ExitCode, [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]);
        }
        finally
        {
            if (!child.HasExited)
            {
                child.Kill();
            }
        }
    }
}
