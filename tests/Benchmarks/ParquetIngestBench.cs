using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ParquetSharp;
using Pipeline.Models.Images;
using Pipeline.Stages.Ingest;

namespace Pipeline.Benchmarks;

/// <summary>Reads and hashes every image of a Parquet file through ingest's source, against <c>cat</c> of the file, less the start of its process.</summary>
/// <remarks>
/// The file is by Apache's C++ library, its images are random bytes behind a JPEG's head, uncompressed; those of a second one are snappy, as
/// pyarrow writes unless told otherwise. Both lie in the system's cache. Ours reads on all cores, as a run does. In turn; the best round of each counts.
/// </remarks>
internal static class ParquetIngestBench
{
    private const int ImageBytes = 110_000; // the mean of ImageNet
    private const int GroupRows = 500;
    private const int Seed = 11;
    private const int Batch = 64;
    private const int Rounds = 40; // of 30 ms each: some of them are undisturbed by other programs
    private const int PackedRounds = 5;
    private const double Wanted = 0.8;

    /// <summary>Takes the megabytes of the file; 500 if they are left out.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var megabytes = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : 500;
        var folder = Directory.CreateTempSubdirectory("pipeline-ingest-parquet-").FullName;
        try
        {
            var (plain, cat) = await RoundsAsync(Path.Combine(folder, "plain.parquet"), Compression.Uncompressed, megabytes, Rounds);
            var (packed, catPacked) = await RoundsAsync(
                Path.Combine(folder, "packed.parquet"),
                Compression.Snappy,
                megabytes,
                PackedRounds
            );
            var line = new
            {
                bench = "ingest-parquet",
                ratio = Math.Round(cat / plain, 3),
                wanted = Wanted,
                seconds = Math.Round(plain, 3),
                catSeconds = Math.Round(cat, 3),
                megabytes,
                snappyRatio = Math.Round(catPacked / packed, 3),
                snappySeconds = Math.Round(packed, 3),
            };
            Console.WriteLine(JsonSerializer.Serialize(line));
            return cat / plain >= Wanted ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Ours, double Cat)> RoundsAsync(string path, Compression compression, int megabytes, int rounds)
    {
        var images = megabytes * 1_000_000 / ImageBytes;
        Write(path, compression, images);
        var (ours, cat, start) = (double.MaxValue, double.MaxValue, double.MaxValue);
        for (var round = 0; round < rounds; round++)
        {
            cat = Math.Min(cat, Cat(path));
            start = Math.Min(start, Cat("/dev/null"));
            var clock = Stopwatch.StartNew();
            await OursAsync(path, images);
            ours = Math.Min(ours, clock.Elapsed.TotalSeconds);
        }

        File.Delete(path);
        return (ours, cat - start);
    }

    private static async Task OursAsync(string path, int images)
    {
        using var source = IngestSource.Open(path, new IngestOptions());
        var read = 0;
        await foreach (var entries in ReadAhead.OfAsync(source.Entries().Chunk(Batch)))
        {
            var outcomes = await Workers.SelectAsync(
                entries.Length,
                source.Concurrency,
                entry => SampleReader.ReadAsync(source.Root, entries[entry], embed: false, null),
                CancellationToken.None
            );
            if (Array.Find(outcomes, outcome => outcome.Row is null) is { } refused)
                throw new InvalidOperationException($"An image is not read: {refused.Rejected?.Message}");
            read += outcomes.Length;
        }

        if (read != images)
            throw new InvalidOperationException($"{read} images are read; there are {images}.");
    }

    /// <summary>Seconds of <c>cat</c> itself, from starting its process to its end.</summary>
    private static double Cat(string path)
    {
        var clock = Stopwatch.StartNew();
        using var cat =
            Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec cat \"$0\" > /dev/null", path]) { UseShellExecute = false })
            ?? throw new InvalidOperationException("/bin/sh did not start.");
        cat.WaitForExit();
        return cat.ExitCode == 0
            ? clock.Elapsed.TotalSeconds
            : throw new InvalidOperationException($"cat of {path} ended with code {cat.ExitCode}; what it said stands above.");
    }

    private static void Write(string path, Compression compression, int images)
    {
        var random = new Random(Seed);
        var head = JpegEncoder.Encode(new RgbImage(64, 48, new byte[64 * 48 * 3]));
        using var builder = new WriterPropertiesBuilder().Compression(compression);
        using var properties = builder.DisableDictionary().Build();
        using var writer = new ParquetFileWriter(path, [new Column<byte[]>("image"), new Column<long>("label")], null, properties);
        for (var first = 0; first < images; first += GroupRows)
        {
            var rows = Math.Min(GroupRows, images - first);
            using var group = writer.AppendRowGroup();
            using (var column = group.NextColumn().LogicalWriter<byte[]>())
            {
                for (var row = 0; row < rows; row++)
                {
                    var image = new byte[ImageBytes];
                    random.NextBytes(image);
                    head.CopyTo(image, 0);
                    column.WriteBatch([image]);
                }
            }

            using var labels = group.NextColumn().LogicalWriter<long>();
            labels.WriteBatch([.. Enumerable.Range(first, rows).Select(row => row % 10L)]);
        }

        writer.Close();
    }
}
