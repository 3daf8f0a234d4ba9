using System.Collections.Concurrent;
using System.Security.Cryptography;
using Pipeline.Sdk;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Isolation;

/// <summary>Keeps a stage's process from items that bring it down: marks every model call, counts the calls in which a process died, and has
/// items that were in two of them tried alone in a child process.</summary>
/// <remarks>Only an item that brings two children down, each of which tried nothing else when it died, is refused. Whoever kills a process from
/// outside costs its items the time of a child, and never a sample.</remarks>
/// <param name="site">The stage.</param>
/// <param name="program">Tries items.</param>
/// <param name="store">That of the run; its root is the site's output.</param>
/// <param name="clock">Measures the child's limit.</param>
/// <param name="notice">Tells people something.</param>
public sealed class StageIsolation(IsolatedSite site, ChildProgram program, IShardStore store, TimeProvider clock, Action<string?> notice)
    : IAsyncDisposable
{
    /// <summary>Folder of the output directory that holds marks and counts; it goes when the run is finished.</summary>
    public const string Folder = "crashes";

    private const int MostDeaths = 2;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    private readonly string folder = $"{Folder}/{site.Stage}/{site.Fingerprint}";
    private readonly CrashBook book = new(Path.Combine(site.Output, Folder, site.Stage, site.Fingerprint));
    private readonly ConcurrentBag<CrashMark> marks = [];
    private readonly ConcurrentBag<IsolationChild> children = [];
    private long looked;

    /// <summary>Removes what a finished run needs no more.</summary>
    public static void Remove(string output)
    {
        try
        {
            Directory.Delete(Path.Combine(output, Folder), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // nothing died, and nothing was called
        }
        catch (IOException)
        {
            // A host that does not know yet that the run is finished works there.
        }
    }

    /// <summary>A batch begins: looks for what died meanwhile if it has come again, as a host may have died of it, or if the last look was a while ago.</summary>
    public void Begin(bool again)
    {
        if (again || clock.GetElapsedTime(Volatile.Read(ref looked)) >= BetweenLooks)
        {
            Look();
        }
    }

    /// <summary>Takes notice of what died since the last look.</summary>
    public void Look()
    {
        Volatile.Write(ref looked, clock.GetTimestamp());
        var before = book.Suspects;
        book.Look();
        if (book.Suspects is var suspects && suspects > before)
        {
            notice(
                $"{site.Stage}: {suspects} samples or variants were in model calls when the process died, twice; each is tried alone in a process of its own"
            );
        }
    }

    /// <summary>Whether an item must be tried alone.</summary>
    /// <typeparam name="T">What the model is given.</typeparam>
    public bool IsSuspect<T>(Item<T> item) => book.IsSuspect(ItemKey.Of(item));

    /// <summary>Marks a model call until what is given back is disposed: then it has come back, well or not, and its items have brought nothing down.</summary>
    /// <typeparam name="T">What the model is given.</typeparam>
    public IDisposable Enter<T>(IReadOnlyList<Item<T>> items)
    {
        var known = book.Known(items.Select(ItemKey.Of));
        var mark = marks.TryTake(out var free) ? free : CrashMark.Take(Path.Combine(site.Output, folder));
        mark?.Write(items);
        Runs.CrashPoint.InCall(site.Stage, items);
        return new Call(this, mark, known);
    }

    /// <summary>Tries an item in a child process; gives its row.</summary>
    /// <typeparam name="T">The stage's row.</typeparam>
    /// <exception cref="IsolatedException">The item cannot be done.</exception>
    /// <exception cref="TryAgainException">It could not be tried now.</exception>
    /// <exception cref="InvalidOperationException">It could not be tried, which is not its fault.</exception>
    public async Task<T> TryAsync<T>(IsolatedItem item, CancellationToken stop)
        where T : class
    {
        var asked = item with { Uri = $"{folder}/{RandomNumberGenerator.GetHexString(16, lowercase: true)}.parquet" };
        var answer = await AskAsync(asked, stop);
        if (answer.Fault is { } fault)
        {
            var message = $"{site.Stage} could not try {item.SampleId} {item.VariantId} in a child process: {fault}";
            throw answer.Passing ? new TryAgainException(message) : new InvalidOperationException(message);
        }

        book.Clear(new ItemKey(item.SampleId, item.VariantId));
        if (answer.Kind is { } kind)
        {
            throw new IsolatedException(kind, answer.Message ?? "", answer.Refused);
        }

        var rows = await ShardRows.ReadAsync<T>(store, asked.Uri, stop);
        await store.DeleteAsync(asked.Uri, stop);
        return rows[0];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (marks.TryTake(out var mark))
        {
            mark.Dispose();
        }

        while (children.TryTake(out var child))
        {
            await child.DisposeAsync();
        }
    }

    private async Task<IsolatedAnswer> AskAsync(IsolatedItem item, CancellationToken stop)
    {
        for (var deaths = 1; ; deaths++)
        {
            var child = children.TryTake(out var free) ? free : await IsolationChild.StartAsync(program, site, clock, stop);
            IsolatedAnswer? answer = null;
            try
            {
                answer = await child.TryAsync(item, stop);
            }
            finally
            {
                if (answer is null)
                {
                    await child.DisposeAsync();
                }
            }

            if (answer is not null)
            {
                children.Add(child);
                return answer;
            }

            if (deaths == MostDeaths)
            {
                throw new IsolatedException(
                    IsolatedException.Crash,
                    $"The model call for row {item.Row} of {item.Shards[^1].Uri}, alone in a process, ended it {MostDeaths} times, by {child.End}; "
                        + "it must come back. Look at the sample, or try another backend.",
                    refused: true
                );
            }
        }
    }

    private void Leave(CrashMark? mark, IReadOnlyList<ItemKey> known)
    {
        if (mark is not null)
        {
            mark.Clear();
            marks.Add(mark);
        }

        foreach (var item in known)
        {
            book.Clear(item);
        }
    }

    private sealed class Call(StageIsolation isolation, CrashMark? mark, IReadOnlyList<ItemKey> known) : IDisposable
    {
        public void Dispose() => isolation.Leave(mark, known);
    }
}
