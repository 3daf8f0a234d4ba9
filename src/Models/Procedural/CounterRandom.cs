namespace Pipeline.Models.Procedural;

/// <summary>Draws that are a function of a key and an index: no state, so neither order nor neighbours matter.</summary>
/// <remarks>The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").</remarks>
internal readonly record struct CounterRandom(ulong Key)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private const ulong FnvOffset = 0xCBF29CE484222325;
    private const ulong FnvPrime = 0x100000001B3;
    private const float Step24 = 1f / (1 << 24);

    /// <summary>A generator of its own for <paramref name="purpose"/> (FNV-1a of the text, mixed into the key).</summary>
    public CounterRandom For(string purpose)
    {
        var hash = FnvOffset;
        foreach (var letter in purpose)
        {
            hash = (hash ^ letter) * FnvPrime;
        }

        return new CounterRandom(Mix(Key ^ Mix(hash)));
    }

    /// <summary>64 uniform bits.</summary>
    public ulong Bits(ulong index) => Mix(Key + (index + 1) * Golden);

    /// <summary>Uniform, 0 to below 1.</summary>
    public float Unit(ulong index) => (Bits(index) >> 40) * Step24;

    /// <summary>Uniform, <paramref name="low"/> to below <paramref name="high"/>.</summary>
    public float Between(ulong index, float low, float high) => low + (high - low) * Unit(index);

    /// <summary>Near normal, mean 0, deviation 1: the sum of four uniform 16-bit draws (Irwin and Hall), so within ±3.5.</summary>
    public float Normal(ulong index)
    {
        const float deviation = 37837.2f; // of the sum of four uniform integers below 65,536
        var bits = Bits(index);
        var sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return (sum - 131070f) / deviation;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
