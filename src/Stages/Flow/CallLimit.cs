namespace Pipeline.Stages.Flow;

/// <summary>How many items a model call may hold: what the options say, until a larger call lacked memory and a smaller one did not.</summary>
/// <param name="most">What the options say; 1 or more.</param>
internal sealed class CallLimit(int most)
{
    private int now = most;
    private int told = most;

    /// <summary>The limit; it never grows again.</summary>
    public int Now => Volatile.Read(ref now);

    /// <summary>The next call has room for so many; true when the one before had another.</summary>
    public bool IsNews(int size) => Interlocked.Exchange(ref told, size) != size;

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
