using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class IngestRunnerTests
{
    private const string LeakUri = "report/split-leaks.json";

    [Fact]
    public async Task Image_in_two_splits_is_set_aside_where_it_comes_second()
    {
        using var run = Leaky();

        await ServeAsync(run, "{ batch: 2 }");
        await ServeAsync(run, "{ batch: 2 }");

        (await UrisAsync(run)).Should().Equal("train/a/0.png", "train/a/1.png", "train/a/2.png", "val/a/4.png");
        (await run.Shards.QuarantineAsync("ingest", default))
            .Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(
                new
                {
                    Kind = "in-two-splits",
                    Message = "val/a/3.png is of the split validation and has the same bytes as an image of the split train (number 2 of the listing); "
                        + "an image must lie in one split. Take one of the two out, or set ingest.splitLeaks=report.",
                }
            );
        (await run.Store.ExistsAsync(LeakUri)).Should().BeFalse();
    }

    [Fact]
    public async Task Image_in_two_splits_is_kept_and_reported_when_so_told()
    {
        using var run = Leaky();

        await ServeAsync(run, "{ batch: 2, splitLeaks: report }");

        (await UrisAsync(run)).Should().HaveCount(5);
        using var file = JsonDocument.Parse(await run.Store.ReadAllAsync(LeakUri));
        file.RootElement.EnumerateArray().Single().GetProperty("uri").GetString().Should().Be("val/a/3.png");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Batch_that_carries_its_images_is_not_read_again_until_one_changes(bool change)
    {
        using var run = new ServedRun(4);
        await ServeAsync(run, "{ batch: 2, embed: true }");
        var file = run.Input.At("a/0003.png");
        var time = File.GetLastWriteTimeUtc(file);
        var length = new FileInfo(file).Length;
        File.WriteAllBytes(file, new byte[length]); // no image; not to be seen, unless its time tells
        File.SetLastWriteTimeUtc(file, change ? time.AddSeconds(1) : time);

        await ServeAsync(run, "{ batch: 2, embed: true }");

        run.Last!.Stages[0].Reused.Should().Be(change ? 1 : 2);
        (await UrisAsync(run)).Should().HaveCount(change ? 3 : 4);
    }

    [Fact]
    public async Task Broken_file_that_goes_away_leaves_the_quarantine_too()
    {
        using var run = new ServedRun(1);
        run.Input.With("a/1.png", "no image"u8.ToArray());
        await ServeAsync(run, "{ batch: 2 }");
        var before = await run.Shards.QuarantineAsync("ingest", default);
        File.Delete(run.Input.At("a/1.png"));

        await ServeAsync(run, "{ batch: 2 }");

        before.Should().ContainSingle();
        (await run.Shards.QuarantineAsync("ingest", default)).Should().BeEmpty();
        (await ShardFile.ReadFooterAsync(run.Store, ShardNames.Uri(ServedRun.Id, "ingest", 0)))!.Extra["rows_in"].Should().Be("1");
    }

    [Fact]
    public async Task Shard_that_carries_images_and_is_damaged_is_written_again()
    {
        using var run = new ServedRun(4);
        await ServeAsync(run, "{ batch: 2, embed: true }");
        var path = Path.Combine(run.Output, ShardNames.Uri(ServedRun.Id, "ingest", 1));
        var whole = await File.ReadAllBytesAsync(path);
        byte[] damaged = [.. whole];
        damaged.AsSpan(20, 60).Fill(0xAA); // the first page; the footer stays whole
        await File.WriteAllBytesAsync(path, damaged);

        await ServeAsync(run, "{ batch: 2, embed: true }");

        (await File.ReadAllBytesAsync(path)).Should().Equal(whole);
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(6, 4)]
    public async Task Pixels_of_an_image_are_limited_by_an_option_whatever_the_index_knows(long pixels, int kept)
    {
        using var run = new ServedRun(["a"], input => input.With("a/3.png", InputFolder.Png(3, 2)));
        foreach (var name in new[] { "0", "1", "2" })
            run.Input.With($"a/{name}.png", InputFolder.Png(5, 1));
        await ServeAsync(run, "{ batch: 2 }");

        await ServeAsync(run, $"{{ batch: 2, pixels: {pixels} }}");

        (await UrisAsync(run)).Should().HaveCount(kept);
        (await run.Shards.QuarantineAsync("ingest", default))
            .Should()
            .HaveCount(4 - kept)
            .And.AllSatisfy(row => row.Kind.Should().Be("too-large"));
    }

    private static ServedRun Leaky() =>
        new(
            ["a"],
            input =>
            {
                foreach (var (uri, grey) in new[] { ("train/a/0", 1), ("train/a/1", 2), ("train/a/2", 2), ("val/a/3", 2), ("val/a/4", 3) })
                    input.With($"{uri}.png", InputFolder.Png(grey: (byte)grey));
            }
        );

    private static async Task ServeAsync(ServedRun run, string ingest)
    {
        var end = await run.ServeAsync($"pipeline: test\nstages:\n  ingest: {ingest}\n  word: {{}}\n", [new WordKind("word", uri => uri)]);
        end.Fault.Should().BeNull();
    }

    private static async Task<IEnumerable<string>> UrisAsync(ServedRun run) => await run.WordsAsync("word");
}
