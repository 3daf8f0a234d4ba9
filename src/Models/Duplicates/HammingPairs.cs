using System.Numerics;
using System.Runtime.InteropServices;

namespace Pipeline.Models.Duplicates;

/// <summary>Two hashes that lie near to each other.</summary>
/// <param name="First">Index of the one that stands earlier in the list.</param>
/// <param name="Second">Index of the other.</param>
/// <param name="Distance">Bits in which they differ.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HammingPair(int First, int Second, int Distance);

/// <summary>Finds all pairs of 64-bit hashes that differ in few bits, exactly, without comparing all with all.</summary>
/// <remarks>
/// Pigeonhole: of the four bands of 16 bits, a pair within distance d agrees in one to within d / 4 bits (rounded down). For each band the hashes are sorted
/// by its value, and each value meets those at most so far from it; a pair is given by the first band that brings it together. With spread-out hashes each is
/// compared with about 68 × n / 65,536 others at d = 6. Memory: 12 bytes a hash and 0.5 MB.
/// </remarks>
public static class HammingPairs
{
    /// <summary>The largest distance that can be asked for: beyond it nearly every value of a band would meet every other.</summary>
    public const int MostDistance = 15;

    private const int Bands = 4;
    private const int BandBits = 16;
    private const int Values = 1 << BandBits;

    /// <summary>Every pair once, found as it is asked for; the order is the same in each call.</summary>
    /// <param name="hashes">Any number; not copied.</param>
    /// <param name="distance">Bits in which a pair may differ, 0 to <see cref="MostDistance"/>.</param>
    /// <param name="stop">Ends the search between two values of a band.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="distance"/> is out of range.</exception>
    public static IEnumerable<HammingPair> Find(ReadOnlyMemory<ulong> hashes, int distance, CancellationToken stop)
    {
        if (distance is < 0 or > MostDistance)
        {
            throw new ArgumentOutOfRangeException(
                nameof(distance),
                $"The distance of near-duplicates is {distance} bits; it must be 0 to {MostDistance}. Ask for a smaller one."
            );
        }

        return Search(hashes, distance, stop);
    }

    private static IEnumerable<HammingPair> Search(ReadOnlyMemory<ulong> hashes, int distance, CancellationToken stop)
    {
        var near = distance / Bands;
        int[] steps = [.. Enumerable.Range(0, Values).Where(step => BitOperations.PopCount((uint)step) <= near)];
        var found = new List<HammingPair>();
        for (var band = 0; band < Bands; band++)
        {
            var sorted = new Band(hashes.Span, band);
            for (var value = 0; value < Values; value++)
            {
                if (sorted.IsEmpty(value))
                {
                    continue;
                }

                stop.ThrowIfCancellationRequested();
                foreach (var step in steps)
                {
                    // The two meet from both sides; the smaller value asks.
                    if ((value ^ step) >= value)
                    {
                        sorted.Meet(value, value ^ step, distance, near, found);
                    }
                }

                foreach (var pair in found)
                {
                    yield return pair;
                }

                found.Clear();
            }
        }
    }

    /// <summary>The hashes in the order of one band's values.</summary>
    private sealed class Band
    {
        private readonly int band;
        private readonly int[] starts = new int[Values + 1];
        private readonly int[] places;
        private readonly ulong[] sorted;

        public Band(ReadOnlySpan<ulong> hashes, int band)
        {
            this.band = band;
            places = new int[hashes.Length];
            sorted = new ulong[hashes.Length];
            foreach (var hash in hashes)
            {
                starts[ValueOf(hash, band) + 1]++;
            }

            for (var value = 0; value < Values; value++)
            {
                starts[value + 1] += starts[value];
            }

            var next = starts.AsSpan(0, Values).ToArray();
            for (var index = 0; index < hashes.Length; index++)
            {
                var place = next[ValueOf(hashes[index], band)]++;
                places[place] = index;
                sorted[place] = hashes[index];
            }
        }

        public bool IsEmpty(int value) => starts[value] == starts[value + 1];

        public void Meet(int value, int other, int distance, int near, List<HammingPair> found)
        {
            var (first, end) = (starts[other], starts[other + 1]);
            for (var one = starts[value]; one < starts[value + 1]; one++)
            {
                var hash = sorted[one];
                for (var two = other == value ? one + 1 : first; two < end; two++)
                {
                    var difference = hash ^ sorted[two];
                    var bits = BitOperations.PopCount(difference);
                    if (bits <= distance && IsNew(difference, near))
                    {
                        var (low, high) = (Math.Min(places[one], places[two]), Math.Max(places[one], places[two]));
                        found.Add(new HammingPair(low, high, bits));
                    }
                }
            }
        }

        /// <summary>No earlier band brought the pair together.</summary>
        private bool IsNew(ulong difference, int near)
        {
            for (var earlier = 0; earlier < band; earlier++)
            {
                if (BitOperations.PopCount((uint)ValueOf(difference, earlier)) <= near)
                {
                    return false;
                }
            }

            return true;
        }

        private static int ValueOf(ulong hash, int band) => (int)(hash >> (band * BandBits)) & (Values - 1);
    }
}
