using ParquetSharp;
using Pipeline.Models.Images;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Tests.Ingest;

/// <summary>Whole runs over tables, against the same pictures in folders.</summary>
public sealed class TableRunTests : IDisposable
{
    private const int Pictures = 30;
    private readonly InputFolder input = new();
    private readonly string outputs = Directory.CreateTempSubdirectory("table-").FullName;

    public TableRunTests()
    {
        var order = Enumerable.Range(0, Pictures).OrderBy(Label, StringComparer.Ordinal).ToArray();
        foreach (var index in order)
            input.With($"in/{Uri(index)}", Picture(index));
        input.With("in/list.jsonl", Lines(order.Select(index => $$"""{"file_name": "{{Uri(index)}}", "label": "{{Label(index)}}"}""")));
        input.With("in/list.csv", Lines(order.Select(index => $"{Uri(index)},{Label(index)}").Prepend("file,label")));
        var rows = order.Select(index => new ParquetRow(Picture(index), Uri(index), Label(index) == "a" ? 0 : 1)).ToArray();
        var names = ParquetInput.CatAndDog.Replace("cat", "a", StringComparison.Ordinal).Replace("dog", "b", StringComparison.Ordinal);
        input.With("plain.parquet", new ParquetInput { GroupRows = 11, HuggingFace = names }.Write(rows));
        input.With(
            "packed.parquet",
            new ParquetInput
            {
                GroupRows = 11,
                HuggingFace = names,
                Compression = Compression.Snappy,
            }.Write(rows)
        );
    }

    public void Dispose()
    {
        input.Dispose();
        Directory.Delete(outputs, recursive: true);
    }

    [Theory]
    [InlineData("in/list.csv", true)]
    [InlineData("in/list.jsonl", true)]
    [InlineData("plain.parquet", false)]
    [InlineData("packed.parquet", false)]
    public async Task Samples_and_captions_are_those_of_the_image_folder_and_a_second_run_does_nothing(string name, bool hasPaths)
    {
        var folder = await RunAsync("in", "1");
        var table = await RunAsync(name, "2");
        var again = await RunAsync(name, "2");

        var (wanted, found) = (await SamplesAsync("1", folder.Run), await SamplesAsync("2", table.Run));
        (table.Fault, again.Unchanged).Should().Be((null, true));
        found.Select(sample => sample.Label).Should().Equal(wanted.Select(sample => sample.Label)).And.HaveCount(Pictures);
        found.Select(sample => sample.Caption).Should().Equal(wanted.Select(sample => sample.Caption));
        found.Select(sample => sample.Caption).Distinct().Should().HaveCountGreaterThan(3);
        if (hasPaths)
            found.Select(sample => sample.Id).Should().Equal(wanted.Select(sample => sample.Id));
    }

    [Fact]
    public async Task Interrupted_run_over_fetched_images_goes_on_with_equal_samples()
    {
        var whole = await RunAsync("packed.parquet", "1");
        await RunAsync("packed.parquet", "2", limit: 17);

        var rest = await RunAsync("packed.parquet", "2");

        (await SamplesAsync("2", rest.Run)).Should().Equal(await SamplesAsync("1", whole.Run));
    }

    private Task<SessionEnd> RunAsync(string name, string output, int? limit = null) =>
        RunSession.RunAsync(
            new RunSettings
            {
                Pipeline = "captions",
                Input = input.At(name),
                Output = Path.Combine(outputs, output),
                Sets = ["ingest.batch=7"],
                Limit = limit,
            },
            new Unwatched(),
            TimeProvider.System,
            CancellationToken.None
        );

    private async Task<List<(string Id, int Label, string Caption)>> SamplesAsync(string output, string run)
    {
        var shards = new RunShards(new FolderStore(Path.Combine(outputs, output)), run);
        var samples = new List<(string, int)>();
        await foreach (var (_, rows) in shards.ReadAllAsync<Sample>("ingest", CancellationToken.None))
            samples.AddRange(rows.Select(row => (row.SampleId, row.Label)));
        var captions = new List<string>();
        await foreach (var (_, rows) in shards.ReadAllAsync<Captioned>("caption", CancellationToken.None))
            captions.AddRange(rows.Select(row => row.Caption));
        return [.. samples.Zip(captions, (sample, caption) => (sample.Item1, sample.Item2, caption))];
    }

    private static byte[] Lines(IEnumerable<string> lines) => System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines));

    private static string Label(int index) => index % 3 == 0 ? "a" : "b";

    private static string Uri(int index) => $"{Label(index)}/{index:D4}.png";

    private static byte[] Picture(int index)
    {
        var random = new Random(index);
        var pixels = new byte[24 * 16 * 3];
        for (var at = 0; at < pixels.Length; at++)
            pixels[at] = (byte)random.Next((index * 8) + 1);
        return PngEncoder.Encode(new RgbImage(24, 16, pixels));
    }

    private sealed record Sample(string SampleId, int Label);

    private sealed record Captioned(string Caption);

    private sealed class Unwatched : IRunMonitor
    {
        public void Report(RunProgress progress)
        {
            // nobody looks
        }
    }
}
