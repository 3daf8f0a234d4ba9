using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>Runs a stage's work once, when every stage that it follows is drained; not at all when what it wrote from equal input is still there.</summary>
/// <param name="site">The stage.</param>
/// <param name="tells">What the work tells of besides; asked when the stages before are drained.</param>
/// <param name="work">The work, safe to run twice.</param>
public sealed class WholeStageRunner(StageSite site, Func<string> tells, Func<CancellationToken, Task<WholeResult>> work) : IStageRunner
{
    private readonly SortedDictionary<string, string> drained = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private IConsumer? consumer;

    private string Folder => $"runs/{site.Run.Run}/{site.Definition.Name}";

    private string Uri => $"{Folder}/done.json";

    /// <summary>What it waits for; more when a stage came late whose columns it takes.</summary>
    private IReadOnlyList<string> After => (site.Run.Pipeline.Find(site.Definition.Name) ?? site.Definition).After;

    /// <summary>The routing patterns of such a stage.</summary>
    public static IEnumerable<string> Bindings(Definition.StageDefinition stage) =>
        stage.After.Select(after => RoutingKey.Event(nameof(StageDrained), after));

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken stop) =>
        consumer = await HeldConsumer.StartAsync(site.Run, site.Queue, site.Definition.After.Count, OnDrainedAsync, stop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (consumer is not null)
        {
            await consumer.DisposeAsync();
        }

        stopping.Dispose();
    }

    private async Task OnDrainedAsync(IDelivery delivery)
    {
        var message = delivery.Message.Read<StageDrained>();
        drained[message.Stage] = message.Content;
        if (!After.All(drained.ContainsKey))
        {
            await delivery.AcknowledgeAsync();
            return;
        }

        var name = site.Definition.Name;
        try
        {
            var started = site.Run.Clock.GetTimestamp();
            var input = Input();
            var done = await DoneAsync(input);
            var result = done ?? await WorkAsync(input);
            site.Meter.Worked(site.Run.Clock.GetElapsedTime(started));
            site.Meter.Finished((int)result.Rows, 0, wasThere: done is not null);
            site.Run.At($"{name}:publish.before");
            await site.PublishEventAsync(
                new StageDrained
                {
                    Run = site.Run.Run,
                    Stage = name,
                    Batches = 1,
                    Rows = result.Rows,
                    Content = input,
                },
                name,
                stopping.Token
            );
            site.Run.At($"{name}:publish.after");
            site.Run.At($"{name}:acknowledge.before");
            await delivery.AcknowledgeAsync();
            site.Run.At($"{name}:acknowledge.after");
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // given back when the consumer is disposed
        }
        catch (Exception error)
        {
            await StageFailure.TellAsync(site, 0, [], error, stopping.Token);
            await delivery.FailAsync($"{error.GetType().Name}: {error.Message}");
        }
    }

    /// <summary>Hash of all that the work depends on. What it writes is determined by this, so it stands for the content too.</summary>
    private string Input()
    {
        string[] told = tells() is { Length: > 0 } text ? [text] : [];
        var lines = drained.Select(stage => $"{stage.Key}={stage.Value}").Prepend(site.Fingerprint).Concat(told);
        return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }

    private async Task<WholeResult?> DoneAsync(string input)
    {
        if (drained.ContainsValue("") || !await site.Run.Store.ExistsAsync(Uri, stopping.Token))
        {
            return null;
        }

        var done = JsonSerializer.Deserialize<Done>(await site.Run.Store.ReadAllAsync(Uri, stopping.Token), JsonSerializerOptions.Web);
        if (done?.Input != input)
        {
            return null;
        }

        foreach (var file in done.Files)
        {
            if (await site.Run.Store.StatAsync(file.Uri, stopping.Token) is not { } there || (file.Bytes ?? there.Length) != there.Length)
            {
                return null;
            }
        }

        return new WholeResult(done.Rows, []);
    }

    private async Task<WholeResult> WorkAsync(string input)
    {
        var started = site.Run.Clock.GetTimestamp();
        await site.Run.Store.DeleteAsync(Uri, stopping.Token);
        var result = await work(stopping.Token);
        var files = new List<DoneFile>();
        foreach (var uri in result.Uris)
        {
            files.Add(new DoneFile(uri, (await site.Run.Store.StatAsync(uri, stopping.Token))?.Length ?? -1));
        }

        files.AddRange(result.Measured.Select(uri => new DoneFile(uri, null)));

        if (files.Count > 0)
        {
            var done = JsonSerializer.SerializeToUtf8Bytes(new Done(input, result.Rows, files), JsonSerializerOptions.Web);
            await site.Run.Store.WriteAsync(Uri, done, stopping.Token);
        }

        var log = WorkLog.Of(site.Definition.Name, 0, 1, result.Rows, files.Sum(file => file.Bytes ?? 0), started, site.Run.Clock);
        await log.WriteAsync(site.Run.Store, $"{Folder}/00000000{WorkLog.Ending}", stopping.Token);
        await site.Run.Store.DeleteAsync($"{Folder}/00000000.failed.json", stopping.Token);
        return result;
    }

    private sealed record Done(string Input, long Rows, IReadOnlyList<DoneFile> Files);

    /// <summary>A file that must be there; of this length, or of any where it holds measurements.</summary>
    private sealed record DoneFile(string Uri, long? Bytes);
}
