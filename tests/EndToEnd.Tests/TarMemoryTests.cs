using System.Buffers.Binary;
using System.Formats.Tar;
using Pipeline.Models.Tests.Images;

namespace Pipeline.EndToEnd.Tests;

public sealed class TarMemoryTests(ITestOutputHelper print) : IDisposable
{
    private const int Side = 64;
    private const int ImageBytes = 200_000;
    private const double MostGrowth = 1.2;
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    [Trait("Form", "Long")]
    public Task Five_gigabytes_of_tar_take_no_more_memory_than_a_fifth() => CompareAsync(25_000, part: 5);

    [Fact]
    public Task Two_hundred_megabytes_of_tar_take_no_more_memory_than_a_half() => CompareAsync(1_000, part: 2);

    private async Task CompareAsync(int samples, int part)
    {
        var tar = Write(samples);

        var few = await PeakAsync(tar, samples / part);
        var all = await PeakAsync(tar, samples);

        print.WriteLine($"{samples / part} of {new FileInfo(tar).Length >> 20} MiB of tar: {few >> 20} MiB; all: {all >> 20} MiB");
        ((double)all / few).Should().BeLessThanOrEqualTo(MostGrowth, $"a part took {few >> 20} MiB and all {all >> 20} MiB");
    }

    private async Task<long> PeakAsync(string tar, int count)
    {
        var output = Path.Combine(folder, $"out-{count}");
        await using var program = RunningProgram.Start(ProgramRun.Arguments("captions", tar, output, "--limit", $"{count}"));
        var code = await program.EndAsync();
        code.Should().Be(0, program.Output);
        PrintedAccount.Of("samples", program.Output).Kept.Should().Be(count);
        return program.PeakBytes;
    }

    /// <summary>Pictures with other bytes after their end, most of them zeros for which the disk has no blocks.</summary>
    private string Write(int samples)
    {
        var pictures = Enumerable.Range(0, 50).Select(seed => Pictures.Jpeg(Pictures.Photo(Side, Side, seed))).ToArray();
        var path = Path.Combine(folder, "train.tar");
        using var file = File.Create(path);
        for (var index = 0; index < samples; index++)
        {
            var picture = pictures[index % pictures.Length];
            var head = new byte[picture.Length + sizeof(int)];
            picture.CopyTo(head, 0);
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(picture.Length), index);
            Add(file, $"{index:D6}.jpg", head, ImageBytes);
            Add(file, $"{index:D6}.cls", [(byte)('0' + (index % 2))], 1);
        }

        file.SetLength(file.Position + 1024);
        return path;
    }

    /// <summary>A member whose body ends in zeros: its header is that of a whole one.</summary>
    private static void Add(FileStream file, string name, byte[] head, int size)
    {
        using var whole = new MemoryStream();
        using (var writer = new TarWriter(whole, TarEntryFormat.Ustar, leaveOpen: true))
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[size]) });
        file.Write(whole.GetBuffer().AsSpan(0, 512));
        file.Write(head);
        file.Position += ((size + 511) / 512 * 512) - head.Length;
    }
}
