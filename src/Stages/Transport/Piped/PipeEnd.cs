using System.Text.Json;

namespace Pipeline.Stages.Transport.Piped;

/// <summary>One end of a pipe between two processes: writes lines, and reads those of the other end.</summary>
/// <param name="input">What the other end writes.</param>
/// <param name="output">What it reads.</param>
internal sealed class PipeEnd(TextReader input, TextWriter output)
{
    private readonly Lock gate = new();
    private Task last = Task.CompletedTask;

    /// <summary>Writes a line; returns when the pipe has it, which waits while the other end does not read.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public Task SendAsync(PipeLine line)
    {
        var text = JsonSerializer.Serialize(line, JsonSerializerOptions.Web);
        lock (gate)
        {
            return last = WriteAsync(last, text);
        }
    }

    /// <summary>Closes this end, behind what was sent before.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            return last = CloseAsync(last);
        }
    }

    /// <summary>Writes a line if the other end is there; nobody waits for it.</summary>
    public async void Tell(PipeLine line)
    {
        try
        {
            await SendAsync(line);
        }
        catch (IOException)
        {
            // then there is nobody to tell
        }
    }

    /// <summary>As <see cref="Tell(PipeLine)"/>, of what is no matter of the transport.</summary>
    public void Tell<T>(string name, T value) => Tell(Note(name, value));

    /// <summary>A note.</summary>
    public static PipeNote Note<T>(string name, T value) => new(name, JsonSerializer.SerializeToElement(value, JsonSerializerOptions.Web));

    /// <summary>Reads until the other end is closed, on a thread of its own: it goes on however busy the others are.</summary>
    /// <param name="take">Called for each line, one call after the other; it returns at once.</param>
    public Task ReadAsync(Action<PipeLine> take) =>
        Task.Factory.StartNew(() => Read(take), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Never on the caller's thread: it may be the one that reads, and both ends would wait for each other.</summary>
    private async Task WriteAsync(Task before, string text)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            await output.WriteLineAsync(text);
            await output.FlushAsync();
        }
        catch (ObjectDisposedException gone)
        {
            throw new IOException("The pipe is closed.", gone);
        }
    }

    private async Task CloseAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            await output.DisposeAsync();
        }
        catch (IOException)
        {
            // the other end is gone
        }
    }

    private void Read(Action<PipeLine> take)
    {
        try
        {
            while (input.ReadLine() is { } text)
            {
                take(
                    JsonSerializer.Deserialize<PipeLine>(text, JsonSerializerOptions.Web)
                        ?? throw new InvalidDataException("A line of the pipe is null; it must be an object.")
                );
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or JsonException)
        {
            // the other end died while it wrote
        }
    }
}
