using System.Globalization;
using System.Text.Json;

namespace Pipeline.Stages.Isolation;

/// <summary>A child process, as its parent sees it: it tries items one by one until one brings it down.</summary>
internal sealed class IsolationChild : IAsyncDisposable
{
    private readonly ChildProcess process;
    private readonly ChildProgram program;
    private readonly TimeProvider clock;

    private IsolationChild(ChildProgram program, TimeProvider clock)
    {
        (this.program, this.clock) = (program, clock);
        process = ChildProcess.Start(program, static _ => { });
    }

    /// <summary>How it ended; null while it lives.</summary>
    public string? End { get; private set; }

    /// <summary>Starts one that is ready for items of the stage.</summary>
    /// <exception cref="InvalidOperationException">It could not begin, which is no item's fault.</exception>
    public static async Task<IsolationChild> StartAsync(ChildProgram program, IsolatedSite site, TimeProvider clock, CancellationToken stop)
    {
        var child = new IsolationChild(program, clock);
        try
        {
            var ready = await child.AskAsync(site, stop);
            return ready is { Fault: null }
                ? child
                : throw new InvalidOperationException(
                    $"The child process for {site.Stage} could not begin: {ready?.Fault ?? child.End}. It tries what was in a model call when this process died; "
                        + "see that the stage's model can be loaded once more beside the one that is loaded here."
                );
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tries an item; null when that brought the child down.</summary>
    public Task<IsolatedAnswer?> TryAsync(IsolatedItem item, CancellationToken stop) => AskAsync(item, stop);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => process.DisposeAsync();

    private async Task<IsolatedAnswer?> AskAsync<T>(T question, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(program.Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            var (answer, end) = await AnswerAsync(JsonSerializer.Serialize(question, JsonSerializerOptions.Web)).WaitAsync(either.Token);
            End = end;
            return answer;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            process.Kill();
            End = string.Create(CultureInfo.InvariantCulture, $"no answer within {program.Limit.TotalSeconds:0.###} s");
            return null;
        }
    }

    /// <summary>Its answer, or how it ended before it answered.</summary>
    private async Task<(IsolatedAnswer? Answer, string? End)> AnswerAsync(string question)
    {
        try
        {
            await process.Input.WriteLineAsync(question);
            await process.Input.FlushAsync();
        }
        catch (IOException)
        {
            // It has died; what it said before is read first.
        }

        while (await process.Output.ReadLineAsync() is { } line)
        {
            if (IsolatedAnswer.Find(line) is { } answer)
            {
                return (answer, null);
            }
        }

        return (null, await process.EndAsync());
    }
}
