using System.Text;
using Pipeline.Models.Images;

namespace Pipeline.Models.Statistics;

/// <summary>Captions from measured statistics: light, haze, contrast, focus, noise, colours and texture. It recognises no object and names none.</summary>
/// <remarks>
/// <para>The words are those that <see cref="Procedural.ProceduralEditor"/> understands, so that what is found in one data set can be painted into another.
/// "fog" and "night" mean that the picture measures like one; "sky" and "ground" are its upper and lower parts where they differ.</para>
/// <para>A caption depends on its own image alone.</para>
/// </remarks>
public sealed class StatisticsCaptioner : ICaptioner
{
    // Night: darker than any exposure by day is meant to be, and on the blue side, as eyes and cameras render moonlight.
    private const double NightBrightness = 0.22;
    private const double NightWarmth = -2;

    // Fog: the darkest channel is high nearly everywhere (clear outdoor pictures stay below 0.4), with few tones, colours and edges left.
    private const double FogDarkChannel = 0.46;
    private const double FogContrast = 0.125;
    private const double FogColourfulness = 17;
    private const double FogDetail = 0.021;

    // Where colours are strong beneath, fog is claimed only of a picture flatter than a clear one gets.
    private const double DenseFogContrast = 0.07;
    private const double DenseFogColourfulness = 32;

    // Light, by the mean of gamma-coded luma: middle grey is 0.46.
    private const double Underexposed = 0.15;
    private const double Dim = 0.32;
    private const double Bright = 0.57;

    // Burnt lights: a sun or its reflection stays below a twentieth of a picture.
    private const double OverexposedShare = 0.12;

    // Contrast of a full-range picture is 0.2 to 0.25 (an even spread over the range has 0.29).
    private const double LowContrast = 0.1;
    private const double HighContrast = 0.265;

    // An even ramp has 0.25; sharp pictures of scenes 0.4 and more.
    private const double Blurred = 0.315;

    // JPEG leaves less than 0.01 in flat places; 0.026 is visible grain.
    private const double Noisy = 0.026;
    private const double NoisyAtNight = 0.02;

    // Chroma below this is a rounding error of a grey picture.
    private const double Monochrome = 2.5;

    // A cast is claimed only when nine tenths of the picture lie on one side of grey.
    private const double Cast = 2;

    // Upper and lower quarter count as sky and ground from about eight just noticeable differences.
    private const double SplitDistance = 18;
    private const double SkyLightness = 45;
    private const double SkyDetail = 0.03;

    private const double SmoothDetail = 0.018;
    private const double FineSharpness = 0.46;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The bytes of an image do not fit its size.</exception>
    public ValueTask<IReadOnlyList<string>> CaptionAsync(IReadOnlyList<RgbImage> images, CancellationToken stop)
    {
        var captions = new string[images.Count];
        for (var i = 0; i < captions.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            captions[i] = Describe(ImageStatistics.Measure(images[i]));
        }

        return ValueTask.FromResult<IReadOnlyList<string>>(captions);
    }

    /// <summary>The sentence for measured values: <c>a photo in fog, low contrast, over grey ground, with a pale grey background and smooth texture.</c></summary>
    public static string Describe(ImageStatistics statistics)
    {
        var sentence = new StringBuilder("a photo ").Append(Light(statistics));
        foreach (var quality in Qualities(statistics))
        {
            sentence.Append(", ").Append(quality);
        }

        if (statistics.Split >= SplitDistance)
        {
            sentence.Append(", over ").Append(statistics.Lower).Append(" ground");
            if (statistics.UpperLightness >= SkyLightness && statistics.UpperDetail < SkyDetail && IsSkyColour(statistics.Upper))
            {
                sentence.Append(", under ").Append(Article(statistics.Upper)).Append(" sky");
            }
        }

        return sentence
            .Append(", with ")
            .Append(Article(statistics.Background))
            .Append(" background and ")
            .Append(Texture(statistics))
            .Append(" texture.")
            .ToString();
    }

    private static string Light(ImageStatistics statistics)
    {
        if (IsNight(statistics))
        {
            return "at night";
        }

        if (IsFog(statistics))
        {
            return "in fog";
        }

        var level = statistics.Brightness switch
        {
            < Dim => "dim",
            > Bright => "bright",
            _ => "even",
        };
        return statistics switch
        {
            { Colourfulness: < Monochrome } => $"in {level} light",
            { LeastWarmth: > Cast } => $"in {level} warm light",
            { MostWarmth: < -Cast } => $"in {level} cool light",
            _ => $"in {level} light",
        };
    }

    private static IEnumerable<string> Qualities(ImageStatistics statistics)
    {
        var night = IsNight(statistics);
        if (statistics.BurntLights > OverexposedShare)
        {
            yield return "over-exposed";
        }
        else if (statistics.Brightness < Underexposed && !night)
        {
            yield return "under-exposed";
        }

        if (statistics.Colourfulness < Monochrome)
        {
            yield return "monochrome";
        }

        if (statistics.Contrast < LowContrast && !night)
        {
            yield return "low contrast";
        }
        else if (statistics.Contrast > HighContrast)
        {
            yield return "high contrast";
        }

        if (statistics.Sharpness < Blurred)
        {
            yield return "blurred";
        }

        if (statistics.Noise > (night ? NoisyAtNight : Noisy))
        {
            yield return "noisy";
        }
    }

    private static bool IsNight(ImageStatistics statistics) => statistics is { Brightness: < NightBrightness, MeanWarmth: < NightWarmth };

    private static bool IsFog(ImageStatistics statistics) =>
        statistics is { DarkChannel: > FogDarkChannel, Detail: < FogDetail }
        && statistics
            is { Contrast: < FogContrast, Colourfulness: < FogColourfulness }
                or { Contrast: < DenseFogContrast, Colourfulness: < DenseFogColourfulness };

    /// <summary>Green and brown above the ground are trees and hills more often than sky.</summary>
    private static bool IsSkyColour(string name) =>
        !name.EndsWith("green", StringComparison.Ordinal)
        && !name.EndsWith("brown", StringComparison.Ordinal)
        && name is not ("olive" or "sandy" or "black" or "teal");

    private static string Texture(ImageStatistics statistics) =>
        statistics.Detail < SmoothDetail ? "smooth"
        : statistics.Sharpness > FineSharpness ? "fine"
        : "coarse";

    private static string Article(string words) => (words[0] is 'a' or 'e' or 'i' or 'o' ? "an " : "a ") + words;
}
