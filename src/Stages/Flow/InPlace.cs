namespace Pipeline.Stages.Flow;

/// <summary>Tries again where it is what fails with a fault that passes soon.</summary>
/// <param name="clock">Gives the pauses.</param>
internal sealed class InPlace(TimeProvider clock)
{
    /// <summary>All pauses of one work together; what takes longer must not hold others up.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Does the work, again after each pause; its last error is thrown.</summary>
    /// <remarks>A lack of memory is not waited for: a smaller call helps sooner.</remarks>
    /// <param name="work">May be done again.</param>
    /// <param name="key">What it is about; the pauses are drawn from it.</param>
    /// <param name="stop">Ends the pauses; the work ends by itself.</param>
    public async Task<T> TryAsync<T>(Func<Task<T>> work, string key, CancellationToken stop)
    {
        var waited = TimeSpan.Zero;
        for (var attempt = 0; ; attempt++)
        {
            TimeSpan pause;
            try
            {
                return await work();
            }
            catch (Exception error)
                when (!stop.IsCancellationRequested
                    && TransientFault.Of(error) is { Kind: not TransientKind.Memory } fault
                    && waited + (pause = fault.InPlace(attempt, key)) <= Longest
                )
            {
                waited += pause;
            }

            await Task.Delay(pause, clock, stop);
        }
    }
}
