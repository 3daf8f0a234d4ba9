namespace Pipeline.Stages.Flow;

/// <summary>How many items a model call may hold: what the options say, until a larger call lacked memory and a smaller one did not.</summary>
/// <param name="most">What the options say; 1 or more.</param>
internal sealed class CallLimit(int most)
{
    private int now = most;

    /// <summary>The limit; it never grows again.</summary>
    public int Now => Volatile.Read(ref now);

    /// <summary>A call of so many items had memory where larger ones lacked it; true when that was not known.</summary>
    public bool Lower(int size)
    {
        var before = Now;
        while (size < before)
        {
            var seen = Interlocked.CompareExchange(ref now, size, before);
            if (seen == before)
            {
                return true;
            }

            before = seen;
        }

        return false;
    }
}
