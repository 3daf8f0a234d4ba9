using System.Diagnostics;
using System.Globalization;
using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Weights.Mapping;

/// <summary>The side of the test that may die: opens weights, has their file cut or rewritten, and reads all tensors after it.</summary>
internal sealed class ShrinkChild(ITestOutputHelper output)
{
    /// <summary>Holds <c>way:file</c>, in the process that the test starts of itself.</summary>
    public const string Variable = "PIPELINE_SHRINK_FILE";

    public void Run(string way, string path)
    {
        using var weights = WeightFiles.OpenFile(path);
        if (way == "before")
        {
            Cut(path);
            Refuse(weights);
            return;
        }

        using var other =
            way == "written" ? new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete) : null;
        var views = weights.Entries.Keys.Select(name => weights.View(name, ComputeType.Float32)).ToArray();
        output.WriteLine(
            $"mapped {File.ReadLines("/proc/self/maps").Count(line => line.EndsWith(Path.GetFileName(path), StringComparison.Ordinal))}"
        );
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadUntil(views, stop.Token))).ToArray();
        switch (way)
        {
            case "cut":
                Cut(path);
                break;
            case "stranger":
                using (var child = Process.Start("sh", ["-c", $": > {path}"]))
                {
                    child.WaitForExit();
                }

                break;
            case "zeros":
                File.WriteAllBytes(path, new byte[new FileInfo(path).Length]);
                break;
            case "written":
                other?.SetLength(0);
                break;
            default:
                break;
        }

        stop.Cancel();
        Task.WaitAll(readers);
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"sums {string.Join(' ', views.Select(view => view.sum().ToSingle()))}")
        );
        if (way != "zeros")
        {
            Refuse(weights);
        }
    }

    private static void Cut(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        stream.SetLength(4096);
    }

    /// <summary>Whoever reads again after the cut is told.</summary>
    private void Refuse(WeightFiles weights)
    {
        foreach (var name in weights.Entries.Keys)
        {
            var error = Assert.Throws<InvalidDataException>(() => weights.View(name, ComputeType.Float32));
            Assert.Throws<InvalidDataException>(() => weights.Tensor(name));
            output.WriteLine($"refused {error.Message}");
        }
    }

    private static void ReadUntil(Tensor[] views, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var view in views)
            {
                using var sum = view.sum();
            }
        }
    }
}
