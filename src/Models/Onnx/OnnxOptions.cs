using System.Globalization;

namespace Pipeline.Models.Onnx;

/// <summary>How a graph is run. Graphs with equal content and equal options share one session.</summary>
public sealed record OnnxOptions
{
    /// <summary>The least <see cref="WorkBytes"/>, 1 MiB.</summary>
    public const long LeastWorkBytes = 1L << 20;

    /// <summary>The most <see cref="WorkBytes"/>, just under 4 GiB: what ONNX Runtime's C# interface can say.</summary>
    public const long MostWorkBytes = uint.MaxValue;

    /// <summary>The most <see cref="Threads"/>.</summary>
    public const int MostThreads = 256;

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads that compute one call, 1 to <see cref="MostThreads"/>; they sleep between calls. The machine's cores by default.</summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, MostThreads);

    /// <summary>
    /// Bytes of the arena out of which the calls of a session take what they work with, weights not counted, 1 MiB to just under 4 GiB. A call that needs more
    /// fails as one that lacks memory. The default, 2 GiB, holds a CLIP ViT-L/14 call of 64 images.
    /// </summary>
    public long WorkBytes { get; init; } = 2L << 30;

    /// <summary>Is told when the graph runs on another device than the one asked for; must be given where <see cref="Device"/> is not <c>cpu</c>.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>The CUDA device that is asked for, or null for the CPU.</summary>
    internal int? CudaDevice =>
        Device switch
        {
            "cuda" => 0,
            _ when Device.StartsWith("cuda:", StringComparison.Ordinal) => int.Parse(Device.AsSpan(5), CultureInfo.InvariantCulture),
            _ => null,
        };

    /// <summary>Finds all that is wrong with the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or <see cref="Notice"/> lacks.</exception>
    internal void Check()
    {
        List<string> faults = [];
        var number = Device.StartsWith("cuda:", StringComparison.Ordinal) ? Device[5..] : "0";
        if (
            (Device is not ("cpu" or "cuda") && !Device.StartsWith("cuda:", StringComparison.Ordinal))
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        )
        {
            faults.Add($"The device is {Device}; it must be cpu, cuda or cuda:1. Name the device that the session is made on.");
        }
        else if (Device != "cpu" && Notice is null)
        {
            faults.Add($"The device is {Device} and Notice is null; it must be there, to announce a run on the CPU. Give a receiver.");
        }

        if (Threads is < 1 or > MostThreads)
        {
            faults.Add($"Threads is {Threads}; it must be between 1 and {MostThreads}. Take the cores that the model may use.");
        }

        if (WorkBytes is < LeastWorkBytes or > MostWorkBytes)
        {
            faults.Add(
                $"WorkBytes is {WorkBytes}; it must be between {LeastWorkBytes} and {MostWorkBytes} bytes. Take what one call may use."
            );
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", faults));
        }
    }
}
