using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Pipeline.Benchmarks.Decode;
using Pipeline.Benchmarks.Flow;
using Pipeline.Models.Clip;
using Pipeline.Models.Onnx.Quantization;
using Pipeline.Sdk;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Embed;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Benchmarks.Encoders;

/// <summary>The embed stage on ViT-B/32 with drawn weights, float32, calls of 16, 1024 × 768 JPEG files.</summary>
/// <remarks>
/// <para><c>ratio</c>: images a second of the stage, with messages and shards, to those of the reference: a bare ONNX Runtime loop on prepared pixels, and decoding and
/// preprocessing alone in core-seconds divided by the cores, on the same files. <c>ratio_bare</c>: to the bare loop alone.</para>
/// <para><c>onnx_to_torch</c>: speed of the encoder on ONNX Runtime to that on TorchSharp; <c>int8_speed</c> and <c>int8_cosine</c>: the quantised graph to the float32 one.</para>
/// <para>Contestants alternate; medians of the rounds.</para>
/// </remarks>
public static class ClipBench
{
    private const int Images = 160; // so many that filling and draining the graph weigh little
    private const int CallSize = 16;
    private const int Rounds = 3;
    private const string Run = "clip-bench";

    /// <summary>Prints one JSON line.</summary>
    /// <returns>0; 1 when a figure is outside its limits.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("clip-bench-").FullName;
        try
        {
            DrawnClip.Write(folder);
            OnnxQuantizer.Quantize(DrawnClip.VisionGraph(folder), Path.Combine(folder, "onnx", "vision_model_int8.onnx"));
            OnnxQuantizer.Quantize(Path.Combine(folder, "onnx", "text_model.onnx"), Path.Combine(folder, "onnx", "text_model_int8.onnx"));
            return await MeasureAsync(folder, Photographs.Make(Images, 1024, 768));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(string folder, byte[][] files)
    {
        using var onnx = Open(folder, ClipBackend.Onnx, null);
        using var torch = Open(folder, ClipBackend.Torch, null);
        using var int8 = Open(folder, ClipBackend.Onnx, "int8");
        using var session = Session(folder);
        var pixels = files.Select(onnx.Prepare).ToArray();
        var contestants = new Dictionary<string, Func<Task<double>>>(StringComparer.Ordinal)
        {
            ["bare"] = () => Clock(() => Bare(session, pixels)),
            ["prepare"] = () => Task.FromResult(PrepareCpuSeconds(onnx, files) / Environment.ProcessorCount),
            ["stage"] = () => StageSecondsAsync(folder, files),
            ["onnx"] = () => Clock(() => onnx.EmbedImages(pixels, CancellationToken.None)),
            ["torch"] = () => Clock(() => torch.EmbedImages(pixels, CancellationToken.None)),
            ["int8"] = () => Clock(() => int8.EmbedImages(pixels, CancellationToken.None)),
        };
        var taken = contestants.Keys.ToDictionary(name => name, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var (name, run) in contestants)
            {
                var seconds = await run();
                if (round >= 0)
                {
                    taken[name].Add(seconds);
                }
            }
        }

        double Seconds(string name) => taken[name].Order().ElementAt(Rounds / 2);
        var cosine = onnx.EmbedImages(pixels, CancellationToken.None)
            .Zip(int8.EmbedImages(pixels, CancellationToken.None), (one, two) => one.Zip(two, (a, b) => (double)a * b).Sum())
            .Min();
        var ratio = (Seconds("bare") + Seconds("prepare")) / Seconds("stage");
        var (toTorch, speed) = (Seconds("torch") / Seconds("onnx"), Seconds("onnx") / Seconds("int8"));
        var isVnni = (await File.ReadAllTextAsync("/proc/cpuinfo")).Contains("vnni", StringComparison.Ordinal);
        string[] failed =
        [
            .. new[]
            {
                ("ratio", ratio >= 0.95),
                ("onnx_to_torch", toTorch is >= 1.0 and <= 1.25),
                ("int8_speed", speed >= (isVnni ? 2.0 : 1.5)),
                ("int8_cosine", cosine >= 0.99),
            }
                .Where(check => !check.Item2)
                .Select(check => check.Item1),
        ];
        var line = new Dictionary<string, object>
        {
            ["bench"] = "clip",
            ["ratio"] = Math.Round(ratio, 3),
            ["ratio_bare"] = Math.Round(Seconds("bare") / Seconds("stage"), 3),
            ["onnx_to_torch"] = Math.Round(toTorch, 3),
            ["int8_speed"] = Math.Round(speed, 3),
            ["int8_cosine"] = Math.Round(cosine, 5),
            ["vnni"] = isVnni,
            ["cores"] = Environment.ProcessorCount,
            ["images"] = Images,
            ["failed"] = failed,
        };
        foreach (var name in contestants.Keys)
        {
            line[$"{name}_images_per_s"] = Math.Round(Images / Seconds(name), 2);
        }

        Console.WriteLine(JsonSerializer.Serialize(line));
        return failed.Length == 0 ? 0 : 1;
    }

    private static ClipEncoder Open(string folder, ClipBackend backend, string? quantization) =>
        ClipEncoder.Open(
            folder,
            new ClipSettings
            {
                Backend = backend,
                Quantization = quantization,
                CallSize = CallSize,
            }
        );

    private static Task<double> Clock(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return Task.FromResult(watch.Elapsed.TotalSeconds);
    }

    private static double PrepareCpuSeconds(ClipEncoder encoder, byte[][] files)
    {
        var before = Environment.CpuUsage.TotalTime;
        foreach (var file in files)
        {
            encoder.Prepare(file);
        }

        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static InferenceSession Session(string folder)
    {
        using var options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new InferenceSession(DrawnClip.VisionGraph(folder), options);
    }

    /// <summary>The pixels of a call lie ready in one block, and no embedding is read: nothing but the session.</summary>
    private static void Bare(InferenceSession session, float[][] pixels)
    {
        var block = new float[CallSize * pixels[0].Length];
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(block, [CallSize, 3, 224, 224]);
        for (var first = 0; first < pixels.Length; first += CallSize)
        {
            for (var slot = 0; slot < CallSize; slot++)
            {
                pixels[first + slot].CopyTo(block, slot * pixels[0].Length);
            }

            using var results = session.Run(run, ["pixel_values"], [input], ["image_embeds"]);
        }
    }

    private static async Task<double> StageSecondsAsync(string folder, byte[][] files)
    {
        var root = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"bench-clip-{Environment.ProcessId}");
        try
        {
            var store = new FolderStore(root);
            var rows = files.Select((file, index) => new EncodedRow(index.ToString("x32", CultureInfo.InvariantCulture), file));
            var messages = await StageChain.WriteSourceAsync(store, Run, rows);
            await using var transport = new EmbeddedTransport();
            await using var chain = new StageChain(transport, store, Run);
            using var stage = new EmbedStage<EncodedInput, EmbeddingRow>(
                Open(folder, ClipBackend.Onnx, null),
                row => row.Image,
                (item, embedding) => new EmbeddingRow(item.SampleId, embedding)
            );
            var name = StageChain.Name(1);
            await chain.ServeAsync(
                name,
                StageChain.Source,
                stage,
                new FlowOptions(CallSize, Environment.ProcessorCount, Lanes: 1, Prefetch: 2)
            );
            return (await chain.DriveAsync(messages, name)).TotalSeconds;
        }
        finally
        {
            if (Directory.Exists(root))
            {
                Directory.Delete(root, recursive: true);
            }
        }
    }
}

/// <summary>A row of the source.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Image">An encoded file.</param>
public sealed record EncodedRow(string SampleId, byte[] Image);

/// <summary>What the stage reads.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Image">An encoded file.</param>
public sealed record EncodedInput([Reads("source", "sample_id")] string SampleId, [Reads("source", "image")] byte[] Image) : ISampleRow;
