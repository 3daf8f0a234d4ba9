namespace Pipeline.Models.Procedural;

/// <summary>An effect and the words that ask for it.</summary>
public sealed class ProceduralEffect
{
    private readonly EffectPass[] passes;

    internal ProceduralEffect(string name, IReadOnlyList<string> words, params EffectPass[] passes)
    {
        Name = name;
        Words = words;
        this.passes = passes;
    }

    /// <summary>What listings call it; stable, since draws are seeded by it.</summary>
    public string Name { get; }

    /// <summary>Words and phrases of lower case, any of which asks for it; <c>{colour}</c> stands for a name of <see cref="Statistics.ColourNames.All"/>.</summary>
    public IReadOnlyList<string> Words { get; }

    internal IReadOnlyList<EffectPass> Passes => passes;
}
