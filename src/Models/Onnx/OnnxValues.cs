namespace Pipeline.Models.Onnx;

/// <summary>The value of one input for one call: single-precision or whole numbers, which are fed as the type that the graph declares.</summary>
public sealed class OnnxInput
{
    private OnnxInput(string name, ReadOnlyMemory<float> singles, ReadOnlyMemory<long> integers, bool isInteger, long[] shape)
    {
        Name = name;
        Singles = singles;
        Integers = integers;
        IsInteger = isInteger;
        Shape = shape;
        var wanted = shape.Aggregate(1L, (product, size) => checked(product * size));
        var found = isInteger ? integers.Length : singles.Length;
        if (found != wanted)
        {
            throw new ArgumentException(
                $"Input {name} has {found} values; it must have {wanted}, as its shape [{string.Join(", ", shape)}] says. Give values and shape of one call."
            );
        }
    }

    /// <summary>The input's name in the graph.</summary>
    public string Name { get; }

    /// <summary>Sizes in order; their product is the number of values.</summary>
    public IReadOnlyList<long> Shape { get; }

    internal ReadOnlyMemory<float> Singles { get; }

    internal ReadOnlyMemory<long> Integers { get; }

    internal bool IsInteger { get; }

    /// <summary>For an input that the graph declares as float32, float16 or bfloat16; halves are rounded to the nearest.</summary>
    /// <exception cref="ArgumentException">Values and shape do not fit.</exception>
    public static OnnxInput Of(string name, ReadOnlyMemory<float> values, params long[] shape) => new(name, values, default, false, shape);

    /// <summary>For an input that the graph declares as int64 or int32.</summary>
    /// <exception cref="ArgumentException">Values and shape do not fit.</exception>
    public static OnnxInput Of(string name, ReadOnlyMemory<long> values, params long[] shape) => new(name, default, values, true, shape);
}

/// <summary>Where one output of one call goes.</summary>
/// <param name="Name">The output's name in the graph.</param>
/// <param name="Target">Takes the values as float32, whatever the graph computes with; as long as the product of <paramref name="Shape"/>.</param>
/// <param name="Shape">The shape that the call gives it.</param>
public sealed record OnnxOutput(string Name, Memory<float> Target, params long[] Shape);

/// <summary>One output of one call, in memory of its own.</summary>
/// <param name="Name">The output's name in the graph.</param>
/// <param name="Shape">Sizes in order.</param>
/// <param name="Values">As float32, whatever the graph computes with.</param>
public sealed record OnnxResult(string Name, IReadOnlyList<long> Shape, float[] Values);
