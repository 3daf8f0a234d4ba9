using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>Builds a module and fills it from a file, in an order that lets no configuration take memory that the file does not answer for.</summary>
internal static class TowerWeights
{
    /// <summary>A buffer of older files, which counts 0, 1, 2 and on.</summary>
    private const string PositionIds = ".position_ids";

    /// <summary>Compares every name, shape and type with the file's header first, on a module without memory; then makes the real one, on the CPU, whose tensors become those of the file: converted one by one, or left in the mapped file. For reading only.</summary>
    /// <param name="file">Open; stays the caller's.</param>
    /// <param name="make">Makes the module on a device.</param>
    /// <param name="targets">Its tensors under their names in the file.</param>
    /// <param name="belongs">Which names of the file must all be known.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown or of another shape or type; the message names all of them.</exception>
    public static T Load<T>(
        IWeights file,
        Func<Device, T> make,
        Func<T, IEnumerable<(string Name, Tensor Target)>> targets,
        Func<string, bool> belongs
    )
        where T : IDisposable
    {
        using (var plan = make(META))
        {
            Check(file, [.. targets(plan).Select(item => (item.Name, item.Target.shape))], belongs);
        }

        var made = make(CPU);
        try
        {
            using var quiet = no_grad();
            foreach (var (name, target) in targets(made))
            {
                using var stored = file.View(
                    name,
                    target.dtype == ComputeType.BFloat16.Scalar ? ComputeType.BFloat16 : ComputeType.Float32
                );
                target.requires_grad = false; // it may lie in the mapped file
                target.set_(stored);
            }

            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    private static void Check(IWeights file, (string Name, long[] Shape)[] wanted, Func<string, bool> belongs)
    {
        var faults = new List<string>();
        foreach (var (name, shape) in wanted)
        {
            if (!file.Entries.TryGetValue(name, out var entry))
            {
                faults.Add($"{name} is missing");
            }
            else if (!entry.Shape.SequenceEqual(shape))
            {
                faults.Add($"{name} is {SafetensorsEntry.Text(entry.Shape)}, wanted {SafetensorsEntry.Text(shape)}");
            }
            else if (TensorType.Of(entry.DType) is not var (type, _) || !is_floating_point(type))
            {
                faults.Add($"{name} has the type {entry.DType}, wanted a floating-point type");
            }
        }

        var known = wanted.Select(item => item.Name).ToHashSet(StringComparer.Ordinal);
        faults.AddRange(
            file.Entries.Keys.Where(name => belongs(name) && !known.Contains(name) && !name.EndsWith(PositionIds, StringComparison.Ordinal))
                .Select(name => $"{name} is unknown")
        );
        if (faults.Count > 0)
        {
            throw new InvalidDataException(
                $"{file.Path}: {string.Join("; ", faults.Take(8))}{(faults.Count > 8 ? $"; and {faults.Count - 8} more" : "")}. "
                    + "It must hold exactly the tensors that config.json describes. Check that both belong to one model."
            );
        }
    }
}
