using ParquetSharp;
using Pipeline.Models.Tests.Images;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Memory does not grow with a Parquet file, in one huge row group where the images lie as they are, in many where they are compressed.</summary>
public sealed class ParquetMemoryTests(ITestOutputHelper print) : IDisposable
{
    private const int Few = 3_000;
    private const int Many = 12_000;
    private const int ImageBytes = 100_000;
    private const double MostGrowth = 1.3; // what a row group leaves is collected when the collector finds it worth while
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [Trait("Form", "Long")]
    [InlineData(Compression.Uncompressed, Many)]
    [InlineData(Compression.Snappy, 200)]
    public async Task Gigabyte_takes_no_more_memory_than_a_quarter_of_it(Compression compression, int groupRows)
    {
        var input = Path.Combine(folder, "train.parquet");
        Write(input, compression, groupRows);

        var few = await PeakAsync(input, Few);
        var all = await PeakAsync(input, Many);

        print.WriteLine($"{Few} images: {few >> 20} MiB; {Many} images: {all >> 20} MiB");
        ((double)all / few).Should().BeLessThanOrEqualTo(MostGrowth, $"{Few} images took {few >> 20} MiB and {Many} took {all >> 20} MiB");
    }

    private async Task<long> PeakAsync(string input, int count)
    {
        var output = Path.Combine(folder, $"out-{count}");
        await using var program = RunningProgram.Start(
            ProgramRun.Arguments(PipelineFile.Ingesting(folder), input, output, "--limit", $"{count}", "--set", "ingest.batch=64")
        );
        var code = await program.EndAsync();
        code.Should().Be(0, program.Output);
        PrintedAccount.Of("samples", program.Output).Kept.Should().Be(count);
        Directory.Delete(output, recursive: true);
        return program.PeakBytes;
    }

    /// <summary>Pictures with other bytes after their end, which are written one by one.</summary>
    private static void Write(string path, Compression compression, int groupRows)
    {
        var random = new Random(5);
        var picture = Pictures.Jpeg(Pictures.Photo(64, 64, 1));
        using var builder = new WriterPropertiesBuilder().Compression(compression);
        using var properties = builder.DisableDictionary().Build();
        using var writer = new ParquetFileWriter(path, [new Column<byte[]>("image"), new Column<long>("label")], null, properties);
        for (var first = 0; first < Many; first += groupRows)
        {
            using var group = writer.AppendRowGroup();
            using (var column = group.NextColumn().LogicalWriter<byte[]>())
            {
                for (var row = 0; row < groupRows; row++)
                {
                    var image = new byte[ImageBytes];
                    random.NextBytes(image);
                    picture.CopyTo(image, 0);
                    column.WriteBatch([image]);
                }
            }

            using var labels = group.NextColumn().LogicalWriter<long>();
            labels.WriteBatch([.. Enumerable.Range(first, groupRows).Select(row => row % 2L)]);
        }

        writer.Close();
    }
}
