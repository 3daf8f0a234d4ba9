using System.Formats.Tar;
using System.Security.Cryptography;
using Pipeline.Stages.Export.Formats;

namespace Pipeline.Stages.Tests.Export.Formats;

public sealed class WebDatasetTests : IAsyncLifetime
{
    private readonly FinishedRun run = new();

    private string Output => run.PathOf("out/tars");

    public async ValueTask InitializeAsync() => await run.ExportAsync();

    public ValueTask DisposeAsync()
    {
        run.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Python_s_tarfile_reads_keys_classes_texts_metadata_and_images()
    {
        await WriteAsync(FormatRequest.DefaultShardBytes);

        var samples = (
            await Python.JsonAsync(
                """
                import glob, hashlib, json, os, sys, tarfile
                samples = {}
                for path in sorted(glob.glob(sys.argv[1] + '/*.tar')):
                    split = os.path.basename(path).rsplit('-', 1)[0]
                    with tarfile.open(path) as tar:
                        for entry in tar:
                            key, extension = entry.name.split('.')
                            data = tar.extractfile(entry).read()
                            sample = samples.setdefault(key, {'split': split})
                            sample[extension] = hashlib.sha256(data).hexdigest() if extension in ('jpg', 'png') else data.decode('utf-8')
                for sample in samples.values():
                    sample['json'] = json.loads(sample['json'])
                print(json.dumps(samples))
                """,
                Output
            )
        ).AsObject();

        samples.Select(sample => sample.Key).Should().BeEquivalentTo(run.Rows.Select(row => row.Id));
        foreach (var row in run.Rows)
        {
            var sample = samples[row.Id]!;
            ((string?)sample["split"]).Should().Be(row.Split);
            ((string?)sample["cls"]).Should().Be($"{row.Label}");
            ((string?)sample["txt"]).Should().Be(row.Text);
            ((string?)(sample["jpg"] ?? sample["png"])).Should().Be(Convert.ToHexStringLower(SHA256.HashData(row.Image)));
            ((string?)sample["json"]!["label_name"]).Should().Be(FinishedRun.ClassNames[row.Label]);
            ((string?)(sample["json"]!["variant_id"] ?? sample["json"]!["sample_id"]))
                .Should()
                .Be(row.Id.Replace("-2", "", StringComparison.Ordinal));
        }

        samples[run.Rows[3].Id]!["json"]!["embed_vector"]!.ToJsonString().Should().Be("[3,null]");
    }

    [Fact]
    public async Task Files_of_a_sample_stand_together_with_headers_that_say_nothing_of_when_and_by_whom()
    {
        await WriteAsync(FormatRequest.DefaultShardBytes);

        var entries = Entries("train-000000.tar");
        entries
            .Take(4)
            .Select(entry => entry.Name)
            .Should()
            .Equal(run.Rows[0].Id + ".png", run.Rows[0].Id + ".cls", run.Rows[0].Id + ".json", run.Rows[0].Id + ".txt");
        entries.Should().OnlyContain(entry => entry.ModificationTime == DateTimeOffset.UnixEpoch && entry.Uid == 0 && entry.Gid == 0);
        entries.Should().HaveCount((7 * 4) - 1, "one sample has no text");
    }

    [Fact]
    public async Task Equal_data_sets_give_equal_bytes()
    {
        await WriteAsync(FormatRequest.DefaultShardBytes);
        var request = new FormatRequest { Format = ExportFormat.WebDataset, Output = run.PathOf("again") };

        await FormatExport.WriteAsync(run.Store, request, TestContext.Current.CancellationToken);

        foreach (var path in Directory.GetFiles(Output))
            (await File.ReadAllBytesAsync(Path.Combine(run.PathOf("again"), Path.GetFileName(path)), TestContext.Current.CancellationToken))
                .Should()
                .Equal(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task File_ends_with_the_sample_that_brings_it_to_its_size()
    {
        var results = await WriteAsync(shardBytes: 1);

        results[0].Should().Be(new FormatResult("train", 7, 7));
        Directory.GetFiles(Output).Should().HaveCount(9);
        foreach (var index in Enumerable.Range(0, 7))
            Entries($"train-{index:D6}.tar").Select(entry => entry.Name.Split('.')[0]).Distinct().Should().ContainSingle();
    }

    private List<TarEntry> Entries(string file)
    {
        using var tar = new TarReader(File.OpenRead(Path.Combine(Output, file)));
        var entries = new List<TarEntry>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
            entries.Add(entry);
        return entries;
    }

    private Task<IReadOnlyList<FormatResult>> WriteAsync(long shardBytes) =>
        FormatExport.WriteAsync(
            run.Store,
            new FormatRequest
            {
                Format = ExportFormat.WebDataset,
                Output = Output,
                ShardBytes = shardBytes,
            },
            TestContext.Current.CancellationToken
        );
}
