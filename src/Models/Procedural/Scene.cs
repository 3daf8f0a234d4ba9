using Pipeline.Models.Statistics;

namespace Pipeline.Models.Procedural;

/// <summary>When a pass of an effect runs; passes of a lower phase first, whatever the order of the words.</summary>
internal enum EffectPhase
{
    Ground,
    Surroundings,
    Light,
    Weather,
    Falling,
    Foreground,
    Camera,
}

/// <summary>What one pass of an effect works on.</summary>
/// <param name="Canvas">The picture so far; the pass paints on it.</param>
/// <param name="Random">Draws of this effect alone.</param>
/// <param name="Strength">
/// Passes of falling things, foreground and camera scale themselves with it. Earlier passes run in full and are mixed with the source afterwards; they read 1.
/// </param>
/// <param name="Colour">The colour that the words name, for effects that take one.</param>
/// <param name="Light">How the light effects changed each channel, as a factor; 1 where none ran. What is added to the picture is lit by it.</param>
internal sealed record Scene(Canvas Canvas, CounterRandom Random, float Strength, NamedColour? Colour, Shade Light)
{
    /// <summary>The colour wanted, as floats.</summary>
    /// <exception cref="InvalidOperationException">The effect takes a colour and its words gave none: the table of effects is wrong.</exception>
    public Shade Paint =>
        Colour is null
            ? throw new InvalidOperationException(
                "The colour of the effect is missing; its words must hold a colour. Mend the table of effects."
            )
            : new Shade(Colour.Red / 255f, Colour.Green / 255f, Colour.Blue / 255f);
}

/// <summary>One pass of an effect.</summary>
internal sealed record EffectPass(EffectPhase Phase, Action<Scene> Paint);
