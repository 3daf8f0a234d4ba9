using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Tests.Train;

namespace Pipeline.Stages.Tests.Runs;

public sealed class RunShardsTests
{
    [Fact]
    public async Task Stage_whose_name_begins_like_another_is_not_counted_with_it()
    {
        using var folder = new WorkFolder();
        var store = new FolderStore(folder.Root);
        foreach (var (stage, batch) in new[] { ("edit", 0), ("edit2", 1) })
        {
            var footer = new ShardFooter
            {
                Stage = stage,
                Batch = batch,
                Fingerprint = "ab",
            };
            await ShardFile.WriteAsync(
                store,
                ShardNames.Uri("r", stage, batch),
                ShardRows.ToTable<WordRow>([new WordRow(stage, stage)]),
                footer
            );
            await store.WriteAsync($"runs/r/{stage}/0000000{batch + 2}.failed.json", "{}"u8.ToArray());
            await store.WriteAsync(
                $"quarantine/{stage}/0000000{batch}.json",
                System.Text.Encoding.UTF8.GetBytes($$"""[{"stage":"{{stage}}"}]""")
            );
        }

        var shards = new RunShards(store, "r");

        (await shards.BatchesAsync("edit", CancellationToken.None)).Should().Equal(0);
        (await shards.FailedAsync("edit", CancellationToken.None)).Should().Equal(2);
        (await shards.QuarantineAsync("edit", CancellationToken.None)).Should().ContainSingle().Which.Stage.Should().Be("edit");
    }
}
