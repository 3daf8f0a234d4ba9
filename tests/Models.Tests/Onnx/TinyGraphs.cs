using Pipeline.Models.Onnx;
using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Onnx;

/// <summary>Small graphs with seeded weights, and values to call them with.</summary>
internal static class TinyGraphs
{
    public const ulong Seed = 20;

    public static ClipGraphs Clip { get; } =
        new()
        {
            Vision = new ClipTower(48, 2, 4, 96),
            Text = new ClipTower(32, 2, 4, 64),
            ImageSize = 32,
            PatchSize = 8,
            Projection = 24,
            Vocabulary = 99,
            Length = 12,
        };

    /// <summary>Values from -1 to 1 that neither rise nor repeat soon.</summary>
    public static float[] Waves(int length) => [.. Enumerable.Range(0, length).Select(index => MathF.Sin(index * 0.37f + index % 11))];

    public static OnnxModel Open(this OnnxGraph graph, string path)
    {
        graph.Save(path);
        return OnnxModel.Open(path, new OnnxOptions { Threads = 1 });
    }
}
