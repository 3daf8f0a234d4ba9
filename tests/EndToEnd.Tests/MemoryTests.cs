using System.Buffers.Binary;
using Pipeline.Models.Tests.Images;

namespace Pipeline.EndToEnd.Tests;

public sealed class MemoryTests(ITestOutputHelper print) : IDisposable
{
    private const int Few = 5_000;
    private const int Side = 64;
    private const double MostGrowth = 1.2;
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public Task Ten_thousand_images_take_no_more_memory_than_five_thousand() => CompareAsync(10_000);

    [Fact]
    [Trait("Form", "Long")]
    public Task Fifty_thousand_images_take_no_more_memory_than_five_thousand() => CompareAsync(50_000);

    private async Task CompareAsync(int many)
    {
        var input = Write(many);

        var few = await PeakAsync(input, Few);
        var all = await PeakAsync(input, many);

        print.WriteLine($"{Few} images: {few >> 20} MiB; {many} images: {all >> 20} MiB");
        ((double)all / few).Should().BeLessThanOrEqualTo(MostGrowth, $"{Few} images took {few >> 20} MiB and {many} took {all >> 20} MiB");
    }

    private async Task<long> PeakAsync(string input, int count)
    {
        var output = Path.Combine(folder, $"out-{count}");
        await using var program = RunningProgram.Start(
            ProgramRun.Arguments(
                PipelineFile.Edits(folder),
                input,
                output,
                "--limit",
                $"{count}",
                "--set",
                "describe.limit=1",
                "--set",
                "ingest.batch=64"
            )
        );
        var code = await program.EndAsync();
        code.Should().Be(0, program.Output);
        PrintedAccount.Of("edits", program.Output).Kept.Should().Be(count);
        Directory.Delete(output, recursive: true);
        return program.PeakBytes;
    }

    /// <summary>A hundred pictures, each again and again with other bytes after its end.</summary>
    private string Write(int count)
    {
        var pictures = Enumerable.Range(0, 100).Select(seed => Pictures.Jpeg(Pictures.Photo(Side, Side, seed))).ToArray();
        foreach (var kind in new[] { "one", "two" })
        {
            var target = Directory.CreateDirectory(Path.Combine(folder, "in", kind)).FullName;
            for (var index = 0; index < count / 2; index++)
            {
                var picture = pictures[index % pictures.Length];
                var bytes = new byte[picture.Length + sizeof(int)];
                picture.CopyTo(bytes, 0);
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(picture.Length), index);
                File.WriteAllBytes(Path.Combine(target, $"{index:D6}.jpg"), bytes);
            }
        }

        return Path.Combine(folder, "in");
    }
}
