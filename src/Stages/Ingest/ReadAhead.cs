using System.Runtime.CompilerServices;

namespace Pipeline.Stages.Ingest;

/// <summary>Takes the next element of a sequence while the caller works on one.</summary>
public static class ReadAhead
{
    /// <summary>The elements in their order; the sequence is walked on other threads, by one at a time, and one element further than was taken.</summary>
    /// <param name="source">The sequence.</param>
    /// <param name="stop">Ends the walk between two elements.</param>
    public static async IAsyncEnumerable<T> OfAsync<T>(IEnumerable<T> source, [EnumeratorCancellation] CancellationToken stop = default)
    {
        using var walk = source.GetEnumerator();
        var next = Task.Run(walk.MoveNext, stop);
        try
        {
            while (await next)
            {
                var current = walk.Current;
                next = Task.Run(walk.MoveNext, stop);
                yield return current;
            }
        }
        finally
        {
            await Task.WhenAny(next); // the walk ends before it is disposed
        }
    }
}
