using System.Globalization;
using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.Benchmarks.Shards;

/// <summary>Writes and reads image shards against ParquetSharp (Apache's C++ library) on the same data in the same folder.</summary>
/// <remarks>
/// Both keep images uncompressed, compress the rest with zstd and give arrays of bytes; ours also hashes on write and verifies on read.
/// Both are warmed up until compiled; rounds are interleaved and the order within a round alternates; figures are medians. The ratio is the worst of writes and reads, 64 and 512 rows.
/// </remarks>
public static class ShardsBench
{
    private const int ImageBytes = 15_000;
    private const int Seed = 7;
    private const int KeptFiles = 8;

    /// <summary>Runs and prints one JSON line, the last; <c>--rounds N</c> (default 40).</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds =
            Array.IndexOf(arguments, "--rounds") is >= 0 and var at && at + 1 < arguments.Length
                ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture)
                : 40;
        var folder = Directory.CreateTempSubdirectory("bench-shards-").FullName;
        try
        {
            var store = new FolderStore(folder);
            var few = await ImagesAsync(store, rows: 64, rounds * 4);
            var many = await ImagesAsync(store, rows: 512, rounds);
            var tiny = await TinyShards.MeasureAsync(store, rounds * 25);
            var write = Math.Min(few.Write.Ratio, many.Write.Ratio);
            var read = Math.Min(few.Read.Ratio, many.Read.Ratio);
            var line = new SortedDictionary<string, object>(StringComparer.Ordinal)
            {
                ["bench"] = "shards",
                ["ratio"] = Math.Round(Math.Min(write, read), 3),
                ["write_ratio"] = Math.Round(write, 3),
                ["read_ratio"] = Math.Round(read, 3),
                ["rows_64"] = few.Figures,
                ["rows_512"] = many.Figures,
                ["tiny_microseconds"] = tiny,
            };
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(line));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(Pair Write, Pair Read, object Figures)> ImagesAsync(FolderStore store, int rows, int rounds)
    {
        var random = new Random(Seed);
        var ids = new string[rows];
        var labels = new int[rows];
        var images = new byte[rows][];
        for (var row = 0; row < rows; row++)
        {
            ids[row] = Convert.ToHexStringLower(BitConverter.GetBytes((row + 1L) * 7_046_029_254_386_353_131L)) + $"{row:x16}";
            labels[row] = random.Next(10);
            images[row] = new byte[ImageBytes + random.Next(-2000, 2000)];
            random.NextBytes(images[row]);
        }

        var table = new ShardTable(ShardColumn.Of("sample_id", ids), ShardColumn.Of("label", labels), ShardColumn.Of("image", images));
        var footer = new ShardFooter
        {
            Stage = "ingest",
            Batch = 0,
            Fingerprint = "00",
        };
        var megabytes = images.Sum(image => (double)image.Length) / 1e6;
        var write = await Pair.MeasureAsync(
            rounds,
            Clear,
            round => ShardFile.WriteAsync(store, Ours(round), table, footer),
            round => ParquetSharpShard.Write(Theirs(round), ids, labels, images)
        );
        var read = await Pair.MeasureAsync(
            rounds,
            _ => { },
            round => ShardFile.ReadAsync(store, Ours(round)),
            round => ParquetSharpShard.Read(Theirs(round))
        );
        return (write, read, new { write = write.Figures(megabytes), read = read.Figures(megabytes) });

        string Ours(int round) => $"{rows}-ours-{round % KeptFiles}.parquet";

        string Theirs(int round) => Path.Combine(store.Root, $"{rows}-theirs-{round % KeptFiles}.parquet");

        // A run writes to names that are not there yet.
        void Clear(int round)
        {
            File.Delete(Path.Combine(store.Root, Ours(round)));
            File.Delete(Theirs(round));
        }
    }
}
