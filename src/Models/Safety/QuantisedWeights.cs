using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Safety;

/// <summary>Weights of a TensorFlow.js model as they were published: uint8 values with a minimum and a scale for each tensor.</summary>
/// <remarks>Tensor <c>quantization</c> <c>[tensors, 2] float64</c> has minimum and scale, in ordinal order of the other names; value = uint8 × scale + minimum.</remarks>
internal sealed class QuantisedWeights
{
    private const string Table = "quantization";

    private readonly IWeights file;
    private readonly Dictionary<string, (double Minimum, double Scale)> ranges;

    private QuantisedWeights(IWeights file, Dictionary<string, (double Minimum, double Scale)> ranges)
    {
        this.file = file;
        this.ranges = ranges;
    }

    /// <summary>Checks that the file holds exactly the wanted tensors.</summary>
    /// <param name="file">Stays the caller's, and open while tensors are taken.</param>
    /// <param name="wanted">Names and shapes.</param>
    /// <exception cref="InvalidDataException">Tensors are missing, unknown or of another type or shape; the message names all of them.</exception>
    public static QuantisedWeights Of(IWeights file, IEnumerable<(string Name, long[] Shape)> wanted)
    {
        var shapes = wanted.ToDictionary(item => item.Name, item => SafetensorsEntry.Text(item.Shape), StringComparer.Ordinal);
        var faults = new List<string>();
        Expect(Table, "F64", $"[{shapes.Count}, 2]");
        foreach (var (name, shape) in shapes.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            Expect(name, "U8", shape);
        }

        faults.AddRange(file.Entries.Keys.Where(name => name != Table && !shapes.ContainsKey(name)).Select(name => $"{name} is unknown"));
        if (faults.Count > 0)
        {
            throw new InvalidDataException(
                $"{file.Path}: {string.Join("; ", faults.Take(8))}{(faults.Count > 8 ? $"; and {faults.Count - 8} more" : "")}. "
                    + "It must hold exactly the tensors of nsfwjs's MobileNetV2. Take the folder that the program ships."
            );
        }

        using var scope = NewDisposeScope();
        var table = file.Tensor(Table).data<double>().ToArray();
        var read = file
            .Entries.Keys.Where(name => name != Table)
            .Select((name, row) => (name, row))
            .ToDictionary(item => item.name, item => (table[2 * item.row], table[2 * item.row + 1]), StringComparer.Ordinal);
        return new QuantisedWeights(file, read);

        void Expect(string name, string type, string shape)
        {
            if (!file.Entries.TryGetValue(name, out var entry))
            {
                faults.Add($"{name} is missing");
            }
            else if (entry.DType != type || SafetensorsEntry.Text(entry.Shape) != shape)
            {
                faults.Add($"{name} is {entry.DType} {SafetensorsEntry.Text(entry.Shape)}, wanted {type} {shape}");
            }
        }
    }

    /// <summary>One tensor, rounded to float32 as TensorFlow.js does, then widened to float64 for folding; goes with the caller's scope.</summary>
    public Tensor this[string name]
    {
        get
        {
            var (minimum, scale) = ranges[name];
            return (file.Tensor(name).to(ScalarType.Float64) * scale + minimum).to(ScalarType.Float32).to(ScalarType.Float64);
        }
    }
}
