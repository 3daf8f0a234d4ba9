using System.Text.Json;
using System.Threading.Channels;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Isolation;

/// <summary>The child's side: tries item after item, as its parent asks for line by line, and answers each with a line.</summary>
public static class IsolatedItems
{
    /// <summary>Serves until the parent closes its end.</summary>
    /// <param name="input">An <see cref="IsolatedSite"/>, then an <see cref="IsolatedItem"/> a line.</param>
    /// <param name="output">An <see cref="IsolatedAnswer"/> for each.</param>
    /// <param name="catalog">The stage kinds of this program.</param>
    /// <param name="orphaned">Called when the parent is gone while an item is tried, which may never end.</param>
    /// <param name="stop">Ends it early.</param>
    public static async Task ServeAsync(TextReader input, TextWriter output, StageCatalog catalog, Action orphaned, CancellationToken stop)
    {
        var unanswered = 0;
        var lines = Channel.CreateBounded<string>(1);
        var reading = Task.Run(ReadAsync, stop);
        Func<IsolatedItem, CancellationToken, Task<IsolatedAnswer>>? stage = null;
        await foreach (var line in lines.Reader.ReadAllAsync(stop))
        {
            var answer = new IsolatedAnswer();
            try
            {
                if (stage is null)
                {
                    stage = Begin(line, catalog);
                }
                else
                {
                    answer = await stage(Read<IsolatedItem>(line), stop);
                }
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                answer = new IsolatedAnswer
                {
                    Fault = $"{error.GetType().Name}: {error.Message}",
                    Passing = TransientFault.Of(error) is not null,
                };
            }

            Interlocked.Decrement(ref unanswered);
            await output.WriteLineAsync(answer.Line());
            await output.FlushAsync(stop);
        }

        await reading;

        async Task ReadAsync()
        {
            while (await input.ReadLineAsync(stop) is { } line)
            {
                Interlocked.Increment(ref unanswered);
                await lines.Writer.WriteAsync(line, stop);
            }

            lines.Writer.Complete();
            if (Volatile.Read(ref unanswered) > 0)
            {
                orphaned();
            }
        }
    }

    private static Func<IsolatedItem, CancellationToken, Task<IsolatedAnswer>> Begin(string line, StageCatalog catalog)
    {
        var asked = Read<IsolatedSite>(line);
        var site = asked.Open(asked.KindsWith(catalog));
        return site.Definition.Kind is IIsolatedKind kind
            ? kind.Isolate(site)
            : throw new InvalidDataException(
                $"{site.Definition.Name} is a {site.Definition.Kind.Name}; it must be a stage that works through rows."
            );
    }

    private static T Read<T>(string line) =>
        JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web)
        ?? throw new InvalidDataException($"The line is null; it must be a {typeof(T).Name}.");
}
