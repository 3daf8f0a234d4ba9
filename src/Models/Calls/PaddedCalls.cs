using System.Collections.Concurrent;

namespace Pipeline.Models.Calls;

/// <summary>Writes what the model takes of one row; called from several threads at once.</summary>
/// <param name="row">From 0.</param>
/// <param name="target">Of the row's length; zeros or an earlier row's values until it is written.</param>
public delegate void FillRow<T>(int row, Span<T> target);

/// <summary>One model call.</summary>
/// <param name="rows"><c>[room, input length]</c>; rows after the last used one are zeros. Kept by the caller.</param>
/// <param name="room">Rows of the call, used or not.</param>
/// <param name="results"><c>[room, result length]</c>, to be written. Kept by the caller.</param>
public delegate void PaddedCall<T>(T[] rows, int room, float[] results);

/// <summary>
/// Runs a model over many rows, always in calls of one size: the last one is padded with zeros, so that a result depends on its own row and on the size of
/// the calls, never on its neighbours or its place.
/// </summary>
/// <remarks>
/// For every backend. Safe to use from several threads if <paramref name="call"/> is; the buffers are pooled. Where a call lacks memory its error passes
/// through, and the caller sets a smaller <see cref="CallSize"/>.
/// </remarks>
/// <param name="callSize">Rows of one call at first; 1 or more.</param>
/// <param name="inputLength">Values that the model takes of one row; 1 or more.</param>
/// <param name="resultLength">Values that it gives for one row; 1 or more.</param>
/// <param name="threads">Threads that fill rows; 1 or more.</param>
/// <param name="call">The model.</param>
public sealed class PaddedCalls<T>(int callSize, int inputLength, int resultLength, int threads, PaddedCall<T> call)
    where T : unmanaged
{
    private readonly ConcurrentBag<Buffers> pool = [];
    private int size = Checked(callSize);

    /// <summary>Rows of one call; a change is for the next <see cref="Run"/>, and changes results in their last bits.</summary>
    public int CallSize
    {
        get => Volatile.Read(ref size);
        set => Volatile.Write(ref size, Checked(value));
    }

    /// <summary>The results of rows 0 to <paramref name="count"/> - 1, in order, each of the result length.</summary>
    /// <param name="count">Rows; none or more.</param>
    /// <param name="fill">Gives each row once.</param>
    /// <param name="stop">Looked at before each call.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    public float[][] Run(int count, FillRow<T> fill, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var rows = new float[count][];
        if (count == 0)
        {
            return rows;
        }

        var room = CallSize;
        var buffers = pool.TryTake(out var pooled) && pooled.Room == room ? pooled : new Buffers(room, inputLength, resultLength);
        for (var first = 0; first < count; first += room)
        {
            stop.ThrowIfCancellationRequested();
            var used = Math.Min(room, count - first);
            Fill(buffers.Rows, first, used, fill, stop);
            call(buffers.Rows, room, buffers.Results);
            for (var slot = 0; slot < used; slot++)
            {
                rows[first + slot] = buffers.Results.AsSpan(slot * resultLength, resultLength).ToArray();
            }
        }

        // After an error the buffers are left to the collector: a native call might still hold them.
        pool.Add(buffers);
        return rows;
    }

    private void Fill(T[] target, int first, int used, FillRow<T> fill, CancellationToken stop)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = stop };
        Parallel.For(0, used, options, slot => fill(first + slot, target.AsSpan(slot * inputLength, inputLength)));
        target.AsSpan(used * inputLength).Clear();
    }

    private static int Checked(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        return value;
    }

    private sealed class Buffers(int room, int inputLength, int resultLength)
    {
        public int Room => room;

        public T[] Rows { get; } = new T[checked(room * inputLength)];

        public float[] Results { get; } = new float[checked(room * resultLength)];
    }
}
