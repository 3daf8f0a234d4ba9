using System.Numerics;

namespace Pipeline.Shards.Foreign;

/// <summary>Definition levels: runs of one value, and groups of eight packed in bits (apache/parquet-format, Encodings.md, RLE).</summary>
internal static class LevelRuns
{
    /// <summary>All levels of a page.</summary>
    /// <param name="bytes">The runs, without a length before them.</param>
    /// <param name="deepest">Greatest level, at least 1; decides the width in bits.</param>
    /// <param name="count">Cells of the page.</param>
    /// <exception cref="InvalidDataException">The runs end before that.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> bytes, int deepest, int count)
    {
        var bits = 32 - BitOperations.LeadingZeroCount((uint)deepest);
        if (bits > 8)
            throw new InvalidDataException($"a column is nested {deepest} levels deep");
        var levels = new byte[count];
        for (var cell = 0; cell < count; )
        {
            var head = Unsigned(ref bytes);
            var run = (int)Math.Min(count - cell, (long)(head >> 1) * ((head & 1) == 0 ? 1 : 8));
            if (run == 0)
                throw new InvalidDataException("the levels of a page have an empty run");
            if ((head & 1) == 0)
            {
                levels.AsSpan(cell, run).Fill(bytes.IsEmpty ? throw Beyond() : bytes[0]);
                bytes = bytes[1..];
            }
            else
            {
                Unpack(bytes, bits, levels.AsSpan(cell, run));
                bytes = bytes[Math.Min(bytes.Length, (run + 7) / 8 * bits)..];
            }

            cell += run;
        }

        return levels;
    }

    private static void Unpack(ReadOnlySpan<byte> bytes, int bits, Span<byte> levels)
    {
        for (var index = 0; index < levels.Length; index++)
        {
            var (at, shift) = Math.DivRem(index * (long)bits, 8);
            if (at + (shift + bits > 8 ? 1 : 0) >= bytes.Length)
                throw Beyond();
            var pair = bytes[(int)at] | (shift + bits > 8 ? bytes[(int)at + 1] << 8 : 0);
            levels[index] = (byte)((pair >> (int)shift) & ((1 << bits) - 1));
        }
    }

    private static uint Unsigned(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0u;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (bytes.IsEmpty)
                throw Beyond();
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (next & 0x7fu) << shift;
            if (next < 0x80)
                return value;
        }

        throw new InvalidDataException("the levels of a page have a run of more than 32 bits");
    }

    private static InvalidDataException Beyond() => new("the levels of a page end before its cells");
}
