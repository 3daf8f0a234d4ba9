using System.Collections.Concurrent;
using System.Text;
using Pipeline.Messages;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;

namespace Pipeline.Stages.Tests.Flow;

public sealed class PausingStoreTests
{
    private const int Times = 3;
    private readonly ConcurrentDictionary<string, int> attempts = [];

    [Fact]
    public async Task Every_file_of_a_batch_waits_for_room_and_nothing_fails()
    {
        await using var site = await FlowSite.OpenAsync();
        var good = await site.WriteAsync(0, [new WordRow("a", "one"), new WordRow("b", "?")]);
        var bad = await site.WriteAsync(1, [new WordRow("c", "x"), new WordRow("d", "x")]);
        site.AtWrite = FullForAWhile;
        await using var graph = await site.StartAsync(new Shout { Unpreparable = word => word == "?", Refused = word => word == "x" });

        await site.PublishAsync(good);
        var ready = await site.NextAsync<BatchReady>();
        await site.PublishAsync(bad);
        var failed = await site.NextAsync<BatchFailed>();

        (ready.Quarantined, failed.Error).Should().Be((1, "ArithmeticException"));
        attempts
            .Where(pair => pair.Value == Times + 1)
            .Select(pair => pair.Key)
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal(
                "quarantine/shout/00000000.json",
                "runs/r/shout/00000000.log.json",
                "runs/r/shout/00000000.parquet",
                "runs/r/shout/00000001.failed.json"
            );
        (await site.TextsAsync(0)).Should().Equal("ONE");
        site.Quarantine(0).Should().HaveCount(1);
        site.Failure(1).Message.Should().Be("x cannot be shouted.");
        site.Notices.Last().Should().BeNull();
    }

    [Fact]
    public async Task A_notice_says_what_is_waited_for_and_is_cleared_when_there_is_room()
    {
        await using var site = await FlowSite.OpenAsync();
        site.AtWrite = FullForAWhile;
        var notices = new List<string?>();
        var store = new PausingStore(site.Store, notices.Add, new NoPauses());

        await store.WriteAsync("a.txt", Encoding.UTF8.GetBytes("abc"));

        const string Full =
            "paused: The store has no room left for a.txt; the disk or its quota is full. Free space, then go on. The run goes on by itself when there is room.";
        notices.Should().Equal(Full, Full, Full, null);
        (await store.ReadAllAsync("a.txt")).Should().Equal(Encoding.UTF8.GetBytes("abc"));
    }

    [Fact]
    public async Task A_streamed_file_is_written_anew_each_time()
    {
        await using var site = await FlowSite.OpenAsync();
        site.AtWrite = (point, uri) =>
        {
            if (point == StorePoint.AfterTemporary)
            {
                FullForAWhile(StorePoint.BeforeTemporary, uri);
            }
        };
        var store = new PausingStore(site.Store, _ => { }, new NoPauses());

        await store.WriteAsync("a.txt", stream => stream.WriteAsync(Encoding.UTF8.GetBytes("abc")).AsTask());

        (await store.ReadAllAsync("a.txt")).Should().Equal(Encoding.UTF8.GetBytes("abc"));
        attempts["a.txt"].Should().Be(Times + 1);
    }

    [Fact]
    public async Task The_notice_stays_while_another_file_waits()
    {
        await using var site = await FlowSite.OpenAsync();
        var room = new ConcurrentDictionary<string, bool>();
        site.AtWrite = (_, uri) =>
        {
            if (!room.ContainsKey(uri))
            {
                throw new StoreFullException(uri, new IOException("full"));
            }
        };
        var notices = new ConcurrentQueue<string?>();
        var waiting = new[] { "a", "b" }.ToDictionary(uri => uri, _ => new TaskCompletionSource());
        var store = new PausingStore(site.Store, Heard, new NoPauses());
        var first = store.WriteAsync("a", new byte[1]);
        var second = store.WriteAsync("b", new byte[1]);
        await Task.WhenAll(waiting.Values.Select(source => source.Task)).WaitAsync(Deliveries.Limit);

        room["a"] = true;
        await first.WaitAsync(Deliveries.Limit);
        var cleared = notices.Contains(null);
        room["b"] = true;
        await second.WaitAsync(Deliveries.Limit);

        cleared.Should().BeFalse();
        notices.Last().Should().BeNull();

        void Heard(string? notice)
        {
            notices.Enqueue(notice);
            foreach (var (uri, source) in waiting)
            {
                if (notice?.Contains($"room left for {uri};", StringComparison.Ordinal) == true)
                {
                    source.TrySetResult();
                }
            }
        }
    }

    [Fact]
    public async Task Stopping_ends_the_waiting_and_clears_the_notice()
    {
        await using var site = await FlowSite.OpenAsync();
        site.AtWrite = (_, uri) => throw new StoreFullException(uri, new IOException("full"));
        using var stop = new CancellationTokenSource();
        var notices = new List<string?>();
        var store = new PausingStore(site.Store, Heard, TimeProvider.System);

        var write = () => store.WriteAsync("a", new byte[1], stop.Token);

        await write.Should().ThrowAsync<OperationCanceledException>();
        notices.Should().HaveCount(2).And.EndWith((string?)null);

        void Heard(string? notice)
        {
            notices.Add(notice);
            stop.Cancel();
        }
    }

    [Fact]
    public async Task Another_error_is_not_waited_for()
    {
        await using var site = await FlowSite.OpenAsync();
        site.AtWrite = (_, _) => throw new IOException("unplugged");
        var store = new PausingStore(site.Store, _ => { }, new NoPauses());

        var write = () => store.WriteAsync("a", new byte[1]);

        await write.Should().ThrowAsync<IOException>().WithMessage("unplugged");
    }

    [Fact]
    public async Task All_else_is_the_stores_own()
    {
        await using var site = await FlowSite.OpenAsync();
        var store = new PausingStore(site.Store, _ => { }, new NoPauses());
        await store.WriteAsync("x/a", new byte[] { 1, 2, 3 });
        await File.WriteAllBytesAsync(site.PathOf("x/.b.tmp-0011223344556677"), [1]);

        await using (var stream = await store.OpenReadAsync("x/a"))
        {
            stream.Length.Should().Be(3);
        }

        (await store.ReadTailAsync("x/a", 2))!.Bytes.ToArray().Should().Equal(2, 3);
        (await store.StatAsync("x/a"))!.Length.Should().Be(3);
        (await store.ExistsAsync("x/a")).Should().BeTrue();
        (await store.ListAsync("x/")).Should().Equal("x/a");
        (await store.SweepAsync("x/", DateTimeOffset.MaxValue)).Should().Be(1);
        await store.DeleteAsync("x/a");
        (await store.ExistsAsync("x/a")).Should().BeFalse();
    }

    /// <summary>No room for the first attempts at each file.</summary>
    private void FullForAWhile(StorePoint point, string uri)
    {
        if (point == StorePoint.BeforeTemporary && attempts.AddOrUpdate(uri, 1, (_, before) => before + 1) <= Times)
        {
            throw new StoreFullException(uri, new IOException("full"));
        }
    }
}
