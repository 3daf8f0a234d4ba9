using System.Text;
using Pipeline.Shards.Stores;

namespace Pipeline.Shards.Tests.Stores;

public sealed class FolderStoreTests : IDisposable
{
    private const int NoSpaceLeft = 28;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_written_is_read_back_whole_and_from_its_end()
    {
        await folder.Store.WriteAsync("a/b/c.txt", "hello"u8.ToArray());

        var tail = await folder.Store.ReadTailAsync("a/b/c.txt", 2);
        var longer = await folder.Store.ReadTailAsync("a/b/c.txt", 6);
        var stat = await folder.Store.StatAsync("a/b/c.txt");
        await using var stream = await folder.Store.OpenReadAsync("a/b/c.txt");

        (await folder.Store.ReadAllAsync("a/b/c.txt")).Should().Equal("hello"u8.ToArray());
        (tail!.Length, Encoding.UTF8.GetString(tail.Bytes.Span)).Should().Be((5, "lo"));
        Encoding.UTF8.GetString(longer!.Bytes.Span).Should().Be("hello");
        stat!.Length.Should().Be(5);
        stat.LastWrite.UtcDateTime.Should().Be(File.GetLastWriteTimeUtc(Path.Combine(folder.Path, "a/b/c.txt")));
        stream.CanSeek.Should().BeTrue();
    }

    [Fact]
    public async Task First_files_of_a_new_folder_may_be_written_at_one_time()
    {
        const int Writers = 4;
        for (var round = 0; round < 300; round++)
        {
            using var together = new Barrier(Writers);
            var writers = Enumerable
                .Range(0, Writers)
                .Select(writer =>
                    Task.Factory.StartNew(
                            () =>
                            {
                                together.SignalAndWait();
                                return folder.Store.WriteAsync($"{round}/a/b/c/{writer}", "x"u8.ToArray());
                            },
                            CancellationToken.None,
                            TaskCreationOptions.LongRunning,
                            TaskScheduler.Default
                        )
                        .Unwrap()
                );

            await Task.WhenAll(writers);

            (await folder.Store.ListAsync($"{round}/")).Should().HaveCount(Writers);
        }
    }

    [Fact]
    public async Task A_second_write_replaces_the_first()
    {
        await folder.Store.WriteAsync("a", "long text"u8.ToArray());

        await folder.Store.WriteAsync("a", stream => stream.WriteAsync("short"u8.ToArray()).AsTask());

        (await folder.Store.ReadAllAsync("a")).Should().Equal("short"u8.ToArray());
    }

    [Fact]
    public async Task Of_many_who_want_a_name_one_gets_it()
    {
        for (var writer = 0; writer < 20; writer++)
        {
            await folder.Store.WriteAsync($"from/{writer}", new[] { (byte)writer });
        }

        for (var round = 0; round < 50; round++)
        {
            var name = $"claims/{round}.json";
            var got = await Task.WhenAll(
                Enumerable.Range(0, 20).Select(writer => Task.Run(() => folder.Store.TryNameAsync($"from/{writer}", name)))
            );

            got.Count(did => did).Should().Be(1);
            (await folder.Store.ReadAllAsync(name)).Should().Equal((byte)Array.IndexOf(got, true));
        }
    }

    [Fact]
    public async Task What_is_not_there_says_so()
    {
        var read = () => folder.Store.ReadAllAsync("x/y");
        var open = () => folder.Store.OpenReadAsync("x/y");

        (await folder.Store.ExistsAsync("x/y")).Should().BeFalse();
        (await folder.Store.StatAsync("x/y")).Should().BeNull();
        (await folder.Store.ReadTailAsync("x/y", 5)).Should().BeNull();
        await folder.Store.DeleteAsync("x/y");
        await read.Should().ThrowAsync<FileNotFoundException>().WithMessage("x/y is not in the store*");
        await open.Should().ThrowAsync<FileNotFoundException>().WithMessage("x/y is not in the store*");
    }

    [Fact]
    public async Task A_list_is_in_ordinal_order_under_its_prefix_without_temporary_files()
    {
        foreach (var uri in new[] { "r/b", "r/B", "r/a/z", "r/a.b", "rest", "q" })
            await folder.Store.WriteAsync(uri, "x"u8.ToArray());
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "r", ".b.tmp-12"), "x");

        var all = await folder.Store.ListAsync("");
        var some = await folder.Store.ListAsync("r/a");
        var none = await folder.Store.ListAsync("none/");

        all.Should().Equal("q", "r/B", "r/a.b", "r/a/z", "r/b", "rest");
        some.Should().Equal("r/a.b", "r/a/z");
        none.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_deleted_is_gone()
    {
        await folder.Store.WriteAsync("a/b", "x"u8.ToArray());

        await folder.Store.DeleteAsync("a/b");

        (await folder.Store.ListAsync("")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        await folder.Store.WriteAsync("a", "old"u8.ToArray());

        var write = () => folder.Store.WriteAsync("a", _ => throw new InvalidOperationException("no"));

        await write.Should().ThrowAsync<InvalidOperationException>();
        (await folder.Store.ReadAllAsync("a")).Should().Equal("old"u8.ToArray());
        Directory.GetFiles(folder.Path).Should().HaveCount(1);
    }

    [Theory]
    [InlineData(NoSpaceLeft, true)]
    [InlineData(122, true)]
    [InlineData(5, false)]
    public async Task A_full_disk_is_told_from_other_errors(int errno, bool full)
    {
        var write = () =>
            folder.Store.WriteAsync("a/b", stream => new FullAfter(stream, bytes: 10, errno).WriteAsync(new byte[11]).AsTask());

        var error = (await write.Should().ThrowAsync<IOException>()).Which;
        (error is StoreFullException).Should().Be(full);
        Directory.GetFiles(Path.Combine(folder.Path, "a")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_full_disk_is_said_with_the_file()
    {
        var write = () => folder.Store.WriteAsync("a/b", _ => throw new IOException("No space left on device", NoSpaceLeft));

        (await write.Should().ThrowAsync<StoreFullException>()).WithMessage("The store has no room left for a/b*");
    }

    [Fact]
    public async Task The_points_of_a_write_come_in_order_with_what_they_promise()
    {
        var seen = new List<string>();
        var store = new FolderStore(folder.Path, (point, uri) => seen.Add($"{point} {uri} {Names()}"));

        await store.WriteAsync("b", "x"u8.ToArray());

        seen.Should().Equal("BeforeTemporary b ", "AfterTemporary b .b.tmp-*", "BeforeRename b .b.tmp-*", "AfterRename b b");
    }

    [Theory]
    [InlineData(StorePoint.AfterTemporary)]
    [InlineData(StorePoint.BeforeRename)]
    public async Task A_file_that_was_not_renamed_is_not_there(StorePoint point)
    {
        var killed = new FolderStore(folder.Path, (at, _) => ThrowAt(at == point));

        var write = () => killed.WriteAsync("b", "x"u8.ToArray());

        await write.Should().ThrowAsync<OperationCanceledException>();
        (await folder.Store.ExistsAsync("b")).Should().BeFalse();
    }

    [Fact]
    public async Task A_sweep_removes_only_old_temporary_files_of_its_folder()
    {
        var noon = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        await folder.Store.WriteAsync("a/b", "x"u8.ToArray());
        Leave("a/.b.tmp-old", noon.AddSeconds(-1));
        Leave("a/c/.d.tmp-old", noon.AddSeconds(-1));
        Leave("a/.b.tmp-new", noon);
        Leave("z.tmp-no", noon.AddDays(-1));
        Leave(".z.tmp-elsewhere", noon.AddDays(-1));

        var removed = await folder.Store.SweepAsync("a/", noon);

        removed.Should().Be(2);
        Directory
            .GetFiles(folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(path => Path.GetRelativePath(folder.Path, path))
            .Should()
            .BeEquivalentTo("a/b", "a/.b.tmp-new", "z.tmp-no", ".z.tmp-elsewhere");
    }

    [Fact]
    public async Task A_uri_outside_the_root_is_refused_by_every_member()
    {
        Func<Task>[] calls =
        [
            () => folder.Store.WriteAsync("../a", "x"u8.ToArray()),
            () => folder.Store.WriteAsync("../a", _ => Task.CompletedTask),
            () => folder.Store.OpenReadAsync("../a"),
            () => folder.Store.ReadAllAsync("../a"),
            () => folder.Store.ReadTailAsync("../a", 1),
            () => folder.Store.ExistsAsync("../a"),
            () => folder.Store.StatAsync("../a"),
            () => folder.Store.ListAsync("../a"),
            () => folder.Store.DeleteAsync("../a"),
            () => folder.Store.SweepAsync("../a", default),
        ];

        foreach (var call in calls)
            await call.Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task A_stopped_write_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var write = () => folder.Store.WriteAsync("a", _ => stop.CancelAsync(), stop.Token);

        await write.Should().ThrowAsync<OperationCanceledException>();
        Directory.GetFiles(folder.Path).Should().BeEmpty();
    }

    private static void ThrowAt(bool here)
    {
        if (here)
            throw new OperationCanceledException();
    }

    private string Names() =>
        string.Join(
            ' ',
            Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)).Select(name => name.Length > 6 ? name[..7] + "*" : name)
        );

    private void Leave(string name, DateTimeOffset written)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "x");
        File.SetLastWriteTimeUtc(path, written.UtcDateTime);
    }

    /// <summary>Takes some bytes and then fails with an error of the operating system.</summary>
    private sealed class FullAfter(Stream inner, int bytes, int errno) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer[..Math.Min(bytes, buffer.Length)], cancellationToken);
            if (buffer.Length > bytes)
                throw new IOException("write failed", errno);
        }
    }
}
