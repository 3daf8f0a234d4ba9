using System.Globalization;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>Does to hosts, broker and disk what clusters do to them, at moments and in an order that a seed decides.</summary>
/// <param name="site">The cluster.</param>
/// <param name="broker">Its broker.</param>
/// <param name="disk">What its store lies on; null where none could be mounted, then the disk is never full.</param>
/// <param name="freeze">How long a host is halted; meanwhile other things happen.</param>
/// <param name="seed">Of the draws.</param>
internal sealed class Chaos(ClusterSite site, BrokerServer broker, SmallDisk? disk, TimeSpan freeze, int seed) : IAsyncDisposable
{
    private const int Hosts = 3;
    private const string Tap = "tap";
    private const string DiskSize = "8g";
    private readonly Random draws = new(seed);
    private readonly RunningProgram?[] hosts = new RunningProgram?[Hosts];
    private readonly Dictionary<Fault, int> counts = [];
    private readonly Dictionary<int, Task> frozen = [];
    private readonly Queue<Fault> deck = new();
    private int restarts;

    /// <summary>Faults so far.</summary>
    public int Count => counts.Values.Sum();

    /// <summary>How often each fault was done, and hosts that ended by themselves.</summary>
    public string Account =>
        string.Join(
            ", ",
            counts.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}"))
        ) + string.Create(CultureInfo.InvariantCulture, $"; {restarts} hosts ended by themselves and were started again");

    /// <summary>Starts the hosts that do not run.</summary>
    public void StartHosts()
    {
        for (var slot = 0; slot < Hosts; slot++)
        {
            if (hosts[slot] is not { HasEnded: false })
            {
                restarts += hosts[slot] is null ? 0 : 1;
                hosts[slot] = site.StartHost();
            }
        }
    }

    /// <summary>Lets a run's messages be copied, so that they can be repeated.</summary>
    public Task WatchAsync(string run) => broker.Management.TapAsync(Exchange(run), Tap, site.VirtualHost);

    /// <summary>Does the next thing to the cluster, after a moment; hosts that ended are started again. What could not be done then is not counted.</summary>
    public async Task NextAsync(string run)
    {
        await PauseAsync(0.3, 1.5);
        StartHosts();
        if (deck.Count == 0)
        {
            var kinds = Enum.GetValues<Fault>().Where(kind => disk is not null || kind != Fault.FullDisk).ToArray();
            draws.Shuffle(kinds);
            kinds.ToList().ForEach(deck.Enqueue);
        }

        var fault = deck.Dequeue();
        if (await TryAsync(fault, run))
        {
            counts[fault] = counts.GetValueOrDefault(fault) + 1;
        }
    }

    /// <summary>Waits until no fault is at work any more.</summary>
    public async Task EndAsync()
    {
        await Task.WhenAll(frozen.Values);
        frozen.Clear();
        StartHosts();
        await broker.Management.DeleteQueueAsync(Tap, site.VirtualHost);
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(frozen.Values);

    private static string Exchange(string run) => $"run.{run}";

    private async Task<bool> TryAsync(Fault fault, string run)
    {
        switch (fault)
        {
            case Fault.KilledHost:
                var slot = AwakeSlot();
                await (hosts[slot]?.KillAsync() ?? Task.CompletedTask);
                await PauseAsync(0, 1);
                hosts[slot] = site.StartHost();
                break;
            case Fault.HaltedHost:
                return TryHalt(AwakeSlot());
            case Fault.RestartedBroker:
                await broker.RestartAsync();
                break;
            case Fault.KilledBroker:
                await broker.KillAsync();
                await broker.StartAsync();
                break;
            case Fault.HaltedBroker:
                await broker.FreezeAsync();
                await PauseAsync(0.5, 2);
                await broker.ThawAsync();
                break;
            case Fault.ClosedConnections:
                return await broker.Management.CloseConnectionsAsync() > 0;
            case Fault.RepeatedMessages:
                return await broker.Management.RepeatAsync(Tap, Exchange(run), 25, site.VirtualHost) > 0;
            case Fault.ScarceMemory:
                await broker.SetMemoryAlarmAsync(true);
                await PauseAsync(0.5, 2);
                await broker.SetMemoryAlarmAsync(false);
                break;
            case Fault.FullDisk:
                disk?.Fill();
                await PauseAsync(0.5, 2);
                disk?.Resize(DiskSize);
                break;
        }

        return true;
    }

    /// <summary>A host that is not halted; one always is not.</summary>
    private int AwakeSlot()
    {
        var awake = Enumerable.Range(0, Hosts).Where(slot => !frozen.TryGetValue(slot, out var thaw) || thaw.IsCompleted).ToArray();
        return awake[draws.Next(awake.Length)];
    }

    private bool TryHalt(int slot)
    {
        if (frozen.Values.Count(thaw => !thaw.IsCompleted) >= Hosts - 1 || hosts[slot] is not { HasEnded: false } host)
        {
            return false;
        }

        host.Freeze();
        frozen[slot] = ThawAsync(host);
        return true;
    }

    private async Task ThawAsync(RunningProgram host)
    {
        await Task.Delay(freeze);
        host.Thaw();
    }

    private Task PauseAsync(double least, double most) => Task.Delay(TimeSpan.FromSeconds(least + ((most - least) * draws.NextDouble())));

    private enum Fault
    {
        KilledHost,
        HaltedHost,
        RestartedBroker,
        KilledBroker,
        HaltedBroker,
        ClosedConnections,
        RepeatedMessages,
        ScarceMemory,
        FullDisk,
    }
}
