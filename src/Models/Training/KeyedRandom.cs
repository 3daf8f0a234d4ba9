using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Pipeline.Models.Training;

/// <summary>A small counter-based generator whose key says what is drawn for, so that no draw depends on another, on order or on threads.</summary>
/// <remarks>Draw n is the SplitMix64 finaliser (Steele et al. 2014, public domain constants) of key and n, twice. Not for secrets.</remarks>
[StructLayout(LayoutKind.Auto)]
public struct KeyedRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private readonly ulong low;
    private readonly ulong high;
    private ulong drawn;

    private KeyedRandom(UInt128 key)
    {
        low = (ulong)key;
        high = (ulong)(key >> 64);
    }

    /// <summary>The generator of one purpose for one sample in one pass.</summary>
    /// <param name="seed">The training's seed.</param>
    /// <param name="id">The sample's id.</param>
    /// <param name="pass">How often the sample was met before.</param>
    /// <param name="purpose">What is drawn; two purposes never share draws.</param>
    public static KeyedRandom For(ulong seed, string id, long pass, string purpose) => new(Key(seed, id, pass, purpose));

    /// <summary>The 128-bit key of <see cref="For"/>; also used to order samples.</summary>
    internal static UInt128 Key(ulong seed, string id, long pass, string purpose)
    {
        var idBytes = Encoding.UTF8.GetBytes(id);
        Span<byte> head = stackalloc byte[20];
        BinaryPrimitives.WriteUInt64LittleEndian(head, seed);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], pass);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], idBytes.Length);
        var hash = new XxHash128();
        hash.Append(head);
        hash.Append(idBytes);
        hash.Append(Encoding.UTF8.GetBytes(purpose));
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        drawn++;
        return Mix(Mix(low + drawn * Gamma) ^ high);
    }

    /// <summary>Uniform, at least 0 and less than 1, 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform whole number, at least 0 and less than <paramref name="bound"/> (at least 1); unbiased to 2⁻³².</summary>
    public int NextInt32(int bound) => (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);

    /// <summary>True or false, half each.</summary>
    public bool NextBoolean() => NextUInt64() >> 63 == 1;

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
