using System.Buffers.Binary;
using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Stages.Ingest;

namespace Pipeline.Benchmarks;

/// <summary>
/// What ingest does with its input, listing, reading and hashing every sample, against the least that can be done: a tar against reading its bytes
/// as <c>cat</c> does, a folder of small files against a walk that hashes them. All from the page cache, in turn; the best round of each counts.
/// </summary>
internal static class IngestBench
{
    private const int ImageBytes = 110_000; // the mean of ImageNet
    private const int SmallBytes = 4_000;
    private const int Classes = 100;
    private const int Batch = 64;
    private const int Rounds = 12;
    private const double Wanted = 0.8;

    /// <summary>Takes the tar's size in MB and the number of files; 1,000 and 100,000 if they are left out.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var numbers = arguments.Select(argument => int.Parse(argument, CultureInfo.InvariantCulture)).ToArray();
        var (megabytes, files) = numbers is [var first, var second] ? (first, second) : (1_000, 100_000);
        var folder = Directory.CreateTempSubdirectory("pipeline-ingest-").FullName;
        try
        {
            var tar = await TarAsync(folder, megabytes);
            var (ours, cat) = await RoundsAsync(folder, tar, () => Cat(tar));
            File.Delete(tar);
            var images = Files(folder, files);
            var (oursFolder, walk) = await RoundsAsync(folder, images, () => Walk(images));
            var ratios = new[] { cat.Wall / ours.Wall, walk.Wall / oursFolder.Wall };
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        bench = "ingest",
                        ratio = Math.Round(ratios.Min(), 3),
                        wanted = Wanted,
                        webdatasetRatio = Math.Round(ratios[0], 3),
                        webdatasetSeconds = Math.Round(ours.Wall, 3),
                        catSeconds = Math.Round(cat.Wall, 3),
                        webdatasetCpuSeconds = Math.Round(ours.Cpu, 3),
                        catCpuSeconds = Math.Round(cat.Cpu, 3),
                        megabytes,
                        imageFolderRatio = Math.Round(ratios[1], 3),
                        imageFolderSeconds = Math.Round(oursFolder.Wall, 3),
                        walkSeconds = Math.Round(walk.Wall, 3),
                        imageFolderCpuSeconds = Math.Round(oursFolder.Cpu, 3),
                        walkCpuSeconds = Math.Round(walk.Cpu, 3),
                        files,
                    }
                )
            );
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(Taken Ours, Taken Bare)> RoundsAsync(string folder, string input, Func<long> bare)
    {
        var (ours, least) = (Taken.Forever, Taken.Forever);
        for (var round = 0; round < Rounds; round++)
        {
            var index = Path.Combine(folder, "index");
            var (took, bytes) = await TimedAsync(() => Task.FromResult(bare()));
            var (tookOurs, read) = await TimedAsync(() => IngestAsync(input, index));
            (least, ours) = (least.Less(took), ours.Less(tookOurs));
            if (read == 0 || read > bytes)
                throw new InvalidOperationException($"Ingest read {read} of {bytes} bytes.");
            File.Delete(index);
        }

        return (ours, least);
    }

    private static async Task<(Taken, long)> TimedAsync(Func<Task<long>> work)
    {
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var bytes = await work();
        return (new Taken(clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds), bytes);
    }

    /// <summary>As the stage does it, up to the rows.</summary>
    private static async Task<long> IngestAsync(string input, string indexPath)
    {
        using var source = IngestSource.Open(input, new IngestOptions());
        using var index = SourceIndex.Open(indexPath);
        var bytes = 0L;
        await foreach (var entries in ReadAhead.OfAsync(source.Entries().Chunk(Batch)))
        {
            var outcomes = await Workers.SelectAsync(
                entries.Length,
                source.Concurrency,
                entry => SampleReader.ReadAsync(source.Root, entries[entry], embed: false, index),
                CancellationToken.None
            );
            bytes += outcomes.Sum(outcome => outcome.Row?.Length ?? throw new InvalidDataException(outcome.Rejected?.Message));
        }

        return bytes;
    }

    private static long Cat(string path)
    {
        using var file = File.OpenHandle(path);
        var buffer = new byte[1 << 20];
        var bytes = 0L;
        while (RandomAccess.Read(file, buffer, bytes) is > 0 and var read)
            bytes += read;
        return bytes;
    }

    private static long Walk(string folder)
    {
        var bytes = 0L;
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var file = File.ReadAllBytes(path);
            bytes += XxHash128.HashToUInt128(file) == UInt128.Zero ? 0 : file.Length;
        }

        return bytes;
    }

    private static async Task<string> TarAsync(string folder, int megabytes)
    {
        var path = Path.Combine(folder, "train-000000.tar");
        var random = new Random(1);
        await using var writer = new TarWriter(File.Create(path), TarEntryFormat.Ustar);
        for (var index = 0; index < megabytes * 1_000_000L / ImageBytes; index++)
        {
            var image = Image(index, random.Next(ImageBytes / 2, ImageBytes * 3 / 2));
            await writer.WriteEntryAsync(
                new UstarTarEntry(TarEntryType.RegularFile, $"{index:D8}.jpg") { DataStream = new MemoryStream(image) }
            );
            var label = Encoding.ASCII.GetBytes((index % Classes).ToString(CultureInfo.InvariantCulture));
            await writer.WriteEntryAsync(
                new UstarTarEntry(TarEntryType.RegularFile, $"{index:D8}.cls") { DataStream = new MemoryStream(label) }
            );
        }

        return path;
    }

    private static string Files(string folder, int files)
    {
        var path = Path.Combine(folder, "images");
        for (var index = 0; index < files; index++)
        {
            var target = Path.Combine(path, $"class{index % Classes:D2}");
            Directory.CreateDirectory(target);
            File.WriteAllBytes(Path.Combine(target, $"{index:D8}.jpg"), Image(index, SmallBytes));
        }

        return path;
    }

    /// <summary>A small picture with bytes of its own behind its end, up to a size.</summary>
    private static byte[] Image(int index, int bytes)
    {
        var image = new byte[bytes];
        Picture.CopyTo(image, 0);
        BinaryPrimitives.WriteInt32BigEndian(image.AsSpan(bytes - 4), index);
        return image;
    }

    private static readonly byte[] Picture = JpegEncoder.Encode(new RgbImage(64, 64, new byte[64 * 64 * 3]));

    /// <summary>Seconds on the clock, and of all cores: where other work runs beside, the second is the steadier.</summary>
    private readonly record struct Taken(double Wall, double Cpu)
    {
        public static readonly Taken Forever = new(double.MaxValue, double.MaxValue);

        public Taken Less(Taken other) => new(Math.Min(Wall, other.Wall), Math.Min(Cpu, other.Cpu));
    }
}
