using Pipeline.Models.Images;

namespace Pipeline.Models.Procedural;

/// <summary>Edits an image by fixed recipes that the words of a description ask for. No model, no weights, no download.</summary>
/// <remarks>
/// <para>What it does is paint: it knows neither the objects nor the depth of a picture, guesses the horizon and the ground from colours, and
/// understands the words of <see cref="ProceduralEffects.All"/> and nothing else. Several words in one description are applied together, in the order
/// ground, surroundings, light, weather, what falls, foreground, camera.</para>
/// <para>Strength: 0 gives the source's bytes, 1 the full effect. Tones are mixed with the source by it; leaves, flakes and drops get fewer and smaller; blur,
/// noise and contrast get weaker.</para>
/// <para>The same request gives the same bytes on one kind of machine; <see cref="MathF"/> may differ in the last bit on another.</para>
/// </remarks>
public sealed class ProceduralEditor : IImageEditor
{
    /// <inheritdoc/>
    public void Check(string prompt) => Read(prompt);

    /// <summary>Edits one after the other on the calling thread; how many run at once is the caller's choice.</summary>
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A strength is not between 0 and 1.</exception>
    /// <exception cref="InvalidDataException">A prompt has no known word, or an image's bytes do not fit its size.</exception>
    public ValueTask<IReadOnlyList<RgbImage>> EditAsync(IReadOnlyList<EditRequest> requests, CancellationToken stop)
    {
        var results = new RgbImage[requests.Count];
        for (var i = 0; i < results.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            results[i] = Edit(requests[i]);
        }

        return ValueTask.FromResult<IReadOnlyList<RgbImage>>(results);
    }

    private static RgbImage Edit(EditRequest request)
    {
        if (!(request.Strength is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(request),
                $"The strength of the edit is {request.Strength}; it must be between 0 and 1. Set edit.strength in that range."
            );
        }

        var effects = Read(request.Prompt);
        var canvas = Canvas.From(request.Source);
        var strength = (float)request.Strength;
        if (strength == 0)
        {
            return request.Source with { Pixels = (byte[])request.Source.Pixels.Clone() };
        }

        Paint(canvas, effects, new CounterRandom(request.Seed), strength);
        return canvas.ToImage();
    }

    /// <summary>Tones at full strength, mixed with the source; then what scales itself.</summary>
    private static void Paint(Canvas canvas, IReadOnlyList<WantedEffect> effects, CounterRandom random, float strength)
    {
        var source = canvas.Copy();
        Shade? before = null;
        var light = new Shade(1, 1, 1);
        var mixed = false;
        // Half of a night is still day: the share rises faster than the strength, and meets it at both ends.
        var share = 1 - MathF.Pow(1 - strength, 1.5f);
        foreach (var (pass, effect) in InOrder(effects))
        {
            if (pass.Phase == EffectPhase.Light)
            {
                before ??= canvas.Mean();
            }
            else if (pass.Phase > EffectPhase.Light && before is { } known)
            {
                light = Ratio(canvas.Mean(), known);
                before = null;
            }

            if (pass.Phase >= EffectPhase.Falling && !mixed)
            {
                canvas.MixFrom(source, share);
                mixed = true;
            }

            pass.Paint(new Scene(canvas, random.For(effect.Effect.Name), mixed ? strength : 1, effect.Colour, light));
        }

        if (!mixed)
        {
            canvas.MixFrom(source, share);
        }
    }

    private static IEnumerable<(EffectPass Pass, WantedEffect Effect)> InOrder(IReadOnlyList<WantedEffect> effects) =>
        effects.SelectMany(effect => effect.Effect.Passes.Select(pass => (pass, effect))).OrderBy(item => item.pass.Phase);

    private static Shade Ratio(Shade after, Shade before) =>
        new(Ratio(after.Red, before.Red), Ratio(after.Green, before.Green), Ratio(after.Blue, before.Blue));

    /// <summary>Brightening does not brighten what is added, which is near white already.</summary>
    private static float Ratio(float after, float before) => before > 0.004f ? Math.Clamp(after / before, 0.02f, 1.05f) : 1;

    private static IReadOnlyList<WantedEffect> Read(string prompt)
    {
        var effects = PromptReader.Read(prompt);
        return effects.Count > 0
            ? effects
            : throw new InvalidDataException(
                $"The description '{prompt}' has no word that the procedural editor knows; it must have at least one, not negated. "
                    + $"Use one of: {PromptReader.KnownWords}; or choose another editor."
            );
    }
}
