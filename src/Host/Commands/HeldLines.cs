using System.Collections.Concurrent;

namespace Pipeline.Host.Commands;

/// <summary>Lines that come at any time, kept back while a live table stands on the terminal.</summary>
/// <param name="output">Where they go.</param>
internal sealed class HeldLines(TextWriter output)
{
    private readonly ConcurrentQueue<string> held = new();
    private volatile bool isHeld;

    /// <summary>Writes a line, now or later.</summary>
    public void Write(string line)
    {
        held.Enqueue(line);
        if (!isHeld)
        {
            Flush();
        }
    }

    /// <summary>From now on lines are kept back.</summary>
    public void Hold() => isHeld = true;

    /// <summary>Writes what was kept back, and from now on all at once.</summary>
    public void Release()
    {
        isHeld = false;
        Flush();
    }

    private void Flush()
    {
        while (held.TryDequeue(out var line))
        {
            lock (output)
            {
                output.WriteLine(line);
            }
        }
    }
}
