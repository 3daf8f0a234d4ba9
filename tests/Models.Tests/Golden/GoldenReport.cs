using System.Globalization;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>Compares values one by one and remembers how near each tensor came to its tolerance.</summary>
public sealed class GoldenReport(GoldenTolerance tolerance)
{
    private readonly List<(string Name, double Error, double Allowed)> lines = [];

    /// <summary>Compares every element; whole numbers must be equal.</summary>
    public void Compare(string name, Tensor got, Tensor want) =>
        Compare(name, got, want, is_floating_point(want.dtype) ? tolerance : GoldenTolerance.Exact);

    /// <summary>Compares every element and allows no difference.</summary>
    public void Exact(string name, Tensor got, Tensor want) => Compare(name, got, want, GoldenTolerance.Exact);

    /// <summary>The tensor that came nearest to its tolerance, and how near.</summary>
    public string Worst
    {
        get
        {
            var (name, error, allowed) = lines.MaxBy(line => Ratio(line.Error, line.Allowed));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"worst error {error:G3} of {allowed:G3} allowed, in {name}; {lines.Count} tensors compared"
            );
        }
    }

    /// <summary>Names of what was compared, in order.</summary>
    public IReadOnlyList<string> Compared => [.. lines.Select(line => line.Name).Distinct()];

    /// <summary>Names of what is outside its tolerance.</summary>
    public IReadOnlyList<string> Outside => [.. lines.Where(line => !(line.Error <= line.Allowed)).Select(line => line.Name).Distinct()];

    /// <summary>Fails, naming each tensor that is outside its tolerance; also if nothing was compared.</summary>
    public void MustPass()
    {
        lines.Should().NotBeEmpty("a file of a known case must have values to compare");
        lines
            .Where(line => !(line.Error <= line.Allowed))
            .Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Name}: error {line.Error:G4}, allowed {line.Allowed:G4}"))
            .Should()
            .BeEmpty();
    }

    private void Compare(string name, Tensor got, Tensor want, GoldenTolerance allowed)
    {
        got.shape.Should().Equal(want.shape, "{0} must have the stored shape", name);
        got.dtype.Should().Be(want.dtype, "{0} must have the stored type", name);
        var (found, wanted) = (Values(got), Values(want));
        var worst = (Error: 0.0, Allowed: allowed.At(0));
        var sum = 0.0;
        for (var index = 0; index < wanted.Length; index++)
        {
            var (error, limit) = (Math.Abs(found[index] - wanted[index]), allowed.At(wanted[index]));
            sum += error;
            if (Ratio(error, limit) > Ratio(worst.Error, worst.Allowed))
            {
                worst = (error, limit);
            }
        }

        lines.Add((name, worst.Error, worst.Allowed));
        if (double.IsFinite(allowed.MeanAbsolute) && wanted.Length > 0)
        {
            lines.Add(($"{name}, mean", sum / wanted.Length, allowed.MeanAbsolute));
        }
    }

    private static double Ratio(double error, double allowed) =>
        double.IsNaN(error) ? double.PositiveInfinity
        : error == 0 ? 0
        : error / allowed;

    private static double[] Values(Tensor tensor)
    {
        if (tensor.NumberOfElements == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        return tensor.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }
}
