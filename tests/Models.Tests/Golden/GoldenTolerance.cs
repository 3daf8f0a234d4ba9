using System.Text.Json;

namespace Pipeline.Models.Tests.Golden;

/// <summary>A value passes when |got - want| is at most <paramref name="Absolute"/> + <paramref name="Relative"/> × |want|, a tensor when the mean of that is at most <paramref name="MeanAbsolute"/> too.</summary>
public sealed record GoldenTolerance(double Absolute, double Relative, double MeanAbsolute = double.PositiveInfinity)
{
    public static readonly GoldenTolerance Exact = new(0, 0);

    public double At(double want) => Absolute + Relative * Math.Abs(want);

    /// <summary>Reads <c>atol</c> and <c>rtol</c>; <paramref name="mean"/> is the file's <c>mean_atol</c>, which stands beside them.</summary>
    public static GoldenTolerance Read(string where, JsonElement value, double mean = double.PositiveInfinity)
    {
        var names = value.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal).ToArray();

        return names is ["atol", "rtol"]
            ? new(value.GetProperty("atol").GetDouble(), value.GetProperty("rtol").GetDouble(), mean)
            : throw new InvalidDataException(
                $"{where}: the tolerance has the fields {string.Join(", ", names)}; it must have atol and rtol. This form is unknown: write code for it."
            );
    }
}
