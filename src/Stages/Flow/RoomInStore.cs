using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Flow;

/// <summary>A full disk pauses a run: the write waits, says so, and goes on when there is room.</summary>
public static class RoomInStore
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs <paramref name="write"/> again and again until the store has room for it.</summary>
    /// <typeparam name="T">What the write gives.</typeparam>
    /// <param name="write">Writes the whole file or nothing.</param>
    /// <param name="notice">Told what is waited for, and null when it is over.</param>
    /// <param name="clock">Gives the pauses.</param>
    /// <param name="stop">Ends the waiting.</param>
    public static async Task<T> WaitAsync<T>(Func<Task<T>> write, Action<string?> notice, TimeProvider clock, CancellationToken stop)
    {
        var waited = false;
        while (true)
        {
            try
            {
                var result = await write();
                if (waited)
                {
                    notice(null);
                }

                return result;
            }
            catch (StoreFullException full)
            {
                waited = true;
                notice($"paused: the disk is full ({full.Message}) Free some space; the run goes on by itself.");
                await Task.Delay(Between, clock, stop);
            }
        }
    }
}
