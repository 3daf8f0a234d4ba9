using System.Globalization;

namespace Pipeline.Stages.Flow;

/// <summary>A call of a stage's code did not come back in time. No item is guilty: its batch fails.</summary>
/// <param name="stage">The stage.</param>
/// <param name="call">What was called, and about how much.</param>
/// <param name="limit">The time in which it must come back.</param>
/// <param name="batch">Index of the batch; null while it is not known.</param>
public sealed class TimeLimitException(string stage, string call, TimeSpan limit, int? batch = null)
    : Exception(
        $"{stage}{Batch(batch)}: {call} has not come back within {limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s; it must. "
            + "Look at the stage's code and at the samples of the batch; where it needs longer, raise --plugins-time-limit. Then replay the batch."
    )
{
    /// <summary>Kind of the error, as it stands in the failure's record.</summary>
    public const string Kind = "TimeLimit";

    /// <summary>The same, of a batch.</summary>
    public TimeLimitException Of(int index) => new(stage, call, limit, index);

    /// <summary>Tells of it whoever can end the process that holds the call, else people: its thread stays.</summary>
    internal void Tell(FlowContext context)
    {
        if (context.Hung is { } hung)
        {
            hung(Message);
        }
        else
        {
            context.Notice(
                $"{Message} Its thread stays with it until it comes back or this process ends; --isolate serves the stage in a process that can be ended."
            );
        }
    }

    private static string Batch(int? index) => index is { } known ? string.Create(CultureInfo.InvariantCulture, $" batch {known}") : "";
}
