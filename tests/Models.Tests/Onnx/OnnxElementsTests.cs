using Pipeline.Models.Onnx;
using Pipeline.Models.Tests.Weights;
using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Onnx;

/// <summary>Inputs are fed as the type that the graph declares, outputs are singles whatever it computes with.</summary>
public sealed class OnnxElementsTests : IDisposable
{
    private static readonly float[] Fractions = [0, 1, -2.5f, 1 / 3f, 65504, 1e-7f, 3.0e38f, float.PositiveInfinity, float.NaN];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Halves_are_rounded_to_the_nearest()
    {
        using var model = Echo(OnnxType.Float16, OnnxType.Float);

        var got = model.Run([OnnxInput.Of("x", Fractions, Fractions.Length)], ["y"]).Single().Values;

        model.Input("x").Element.Should().Be(OnnxElement.Float16);
        got.Should().Equal(Fractions.Select(value => (float)(Half)value));
    }

    [Fact]
    public void BFloat16_is_the_nearest_with_ties_to_even()
    {
        using var model = Echo(OnnxType.BFloat16, OnnxType.Float);
        float[] values = [.. Fractions, 1 + 1 / 256f, 1 + 3 / 256f, 1 + 1.5f / 256f, float.MaxValue];

        var got = model.Run([OnnxInput.Of("x", values, values.Length)], ["y"]).Single().Values;

        model.Input("x").Element.Should().Be(OnnxElement.BFloat16);
        got.Should().Equal(values.Select(Nearest));
        got[^4..].Should().Equal(1, 1 + 2 / 128f, 1 + 1 / 128f, float.PositiveInfinity);
    }

    [Theory]
    [InlineData(OnnxType.Float16)]
    [InlineData(OnnxType.BFloat16)]
    public void Outputs_of_half_precision_are_given_as_singles(OnnxType type)
    {
        using var model = Echo(OnnxType.Float, type);
        float[] values = [0, 1, -2.5f, 0.375f, -0.0078125f];
        var target = new float[values.Length];

        var allocated = model.Run([OnnxInput.Of("x", values, values.Length)], ["y"]).Single().Values;
        model.Run([OnnxInput.Of("x", values, values.Length)], [new OnnxOutput("y", target, values.Length)]);

        allocated.Should().Equal(values, "both types hold them");
        target.Should().Equal(values);
    }

    [Fact]
    public void Whole_numbers_are_fed_as_int32_where_the_graph_says_so_and_must_fit()
    {
        using var model = Echo(OnnxType.Int32, OnnxType.Float);
        long[] values = [0, -7, int.MaxValue, int.MinValue];

        var got = model.Run([OnnxInput.Of("x", values, 4)], ["y"]).Single().Values;
        var act = () => model.Run([OnnxInput.Of("x", new[] { 1L << 31 }, 1)], ["y"]);

        model.Input("x").Element.Should().Be(OnnxElement.Int32);
        got.Should().Equal(0, -7, 2147483648f, -2147483648f);
        act.Should().Throw<ArgumentException>().WithMessage("*2147483648 at 0; it must fit into int32*");
    }

    [Fact]
    public void Outputs_of_whole_numbers_are_refused()
    {
        using var model = Echo(OnnxType.Float, OnnxType.Int64);

        var act = () => model.Run([OnnxInput.Of("x", new float[1], 1)], ["y"]);

        act.Should().Throw<InvalidDataException>().WithMessage("The output y int64 [length] of * is not of fractions*");
    }

    [Fact]
    public void Values_and_shape_must_fit()
    {
        var act = () => OnnxInput.Of("x", new float[5], 2, 3);

        act.Should().Throw<ArgumentException>().WithMessage("Input x has 5 values; it must have 6*");
    }

    /// <summary>The nearest bfloat16, by distance in doubles.</summary>
    private static float Nearest(float value)
    {
        if (!float.IsFinite(value))
        {
            return value;
        }

        var bits = BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000;
        var (below, above) = (BitConverter.UInt32BitsToSingle(bits), BitConverter.UInt32BitsToSingle(bits + 0x10000));
        var top = float.IsFinite(above) ? (double)above : Math.CopySign(Math.Pow(2, 128), value);
        var (down, up) = (Math.Abs((double)value - below), Math.Abs(top - value));
        return down < up || (down == up && (bits & 0x10000) == 0) ? below : above;
    }

    private OnnxModel Echo(OnnxType from, OnnxType to)
    {
        var graph = new OnnxGraph("echo");
        var x = graph.Input("x", from, "length");
        graph.Output("y", graph.Node("Cast", [x], OnnxMessages.Attribute("to", (long)to)), to, "length");
        return graph.Open(folder.File("echo.onnx"));
    }
}
