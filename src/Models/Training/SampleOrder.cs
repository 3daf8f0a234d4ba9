using System.Runtime.InteropServices;

namespace Pipeline.Models.Training;

/// <summary>One place in the stream of training samples.</summary>
/// <param name="Index">The sample's index in its images.</param>
/// <param name="Pass">How many whole passes came before.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SamplePlace(int Index, long Pass);

/// <summary>
/// An endless stream of passes over a set of samples, each pass ordered by the hash of seed, pass and id: the same for the same set, however it is stored.
/// </summary>
internal sealed class SampleOrder
{
    private readonly ulong seed;
    private readonly (string Id, int Index)[] sorted;
    private long cachedPass = -1;
    private int[] cached = [];

    /// <summary>Orders the given ids.</summary>
    /// <exception cref="InvalidDataException">An id comes twice, or there is none.</exception>
    public SampleOrder(ITrainingImages images, ulong seed)
    {
        this.seed = seed;
        sorted =
        [
            .. Enumerable
                .Range(0, images.Count)
                .Select(index => (images.Id(index), index))
                .OrderBy(item => item.Item1, StringComparer.Ordinal),
        ];
        if (sorted.Length == 0)
        {
            throw new InvalidDataException(
                "The training split has 0 images; it must have at least 1. Check the split column of the input."
            );
        }

        for (var index = 1; index < sorted.Length; index++)
        {
            if (sorted[index].Id == sorted[index - 1].Id)
            {
                throw new InvalidDataException(
                    $"Sample id {sorted[index].Id} comes twice in the training split; every id must be there once. Remove one of the two."
                );
            }
        }
    }

    /// <summary>Indices by ordinal order of the ids, for draws among all samples.</summary>
    public int IndexByRank(int rank) => sorted[rank].Index;

    /// <summary><paramref name="count"/> places from position <paramref name="first"/> of the stream on.</summary>
    public SamplePlace[] Take(long first, int count)
    {
        var places = new SamplePlace[count];
        for (var offset = 0; offset < count; offset++)
        {
            var (pass, rank) = Math.DivRem(first + offset, sorted.Length);
            places[offset] = new SamplePlace(Pass(pass)[rank], pass);
        }

        return places;
    }

    private int[] Pass(long pass)
    {
        if (pass != cachedPass)
        {
            var keys = Array.ConvertAll(sorted, item => KeyedRandom.Key(seed, item.Id, pass, "order"));
            cached = Array.ConvertAll(sorted, item => item.Index);
            Array.Sort(keys, cached);
            cachedPass = pass;
        }

        return cached;
    }
}
