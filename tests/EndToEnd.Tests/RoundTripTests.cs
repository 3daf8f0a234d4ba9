using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pipeline.EndToEnd.Tests;

/// <summary>The same pictures in every format in, and the data set out through a reader that shares no code with ours (hyparquet, on Node).</summary>
public sealed class RoundTripTests(ReferenceRun reference) : IDisposable
{
    private static readonly string Reader = Path.Combine(SamplePictures.Repository, "artifacts", "readers", "read-parquet.mjs");
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("imagefolder")]
    [InlineData("csv")]
    [InlineData("jsonl")]
    [InlineData("tar")]
    [InlineData("tar.gz")]
    public async Task Every_format_in_comes_out_with_its_labels_splits_and_bytes(string format)
    {
        SkipWithoutReader();
        var pictures = SmallDataSet.Write(Path.Combine(folder, "pictures"), training: 6, held: 2);
        var output = Path.Combine(folder, "out");

        var run = await ProgramRun.StartAsync(ProgramRun.Arguments("starter", Input(format, pictures), output, ProgramRun.Small));

        run.Code.Should().Be(0, run.Output);
        var rows = await ReadAsync(Path.Combine(output, "augmented"));
        var originals = rows.Where(row => row.Source == "original").ToList();
        originals
            .Select(row => $"{row.Split} {row.Class} {row.Image.Bytes}")
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal(Files(pictures).Select(file => $"{file.Split} {file.Class} {Hash(file.Path)}").Order(StringComparer.Ordinal));
        originals.Should().AllSatisfy(row => row.LabelName.Should().Be(row.Class));
        var ids = await new RunOutput(output).RowsAsync<Sample>("ingest");
        originals
            .Select(row => row.SampleId)
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal(ids.Select(row => row.SampleId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Augmented_data_set_is_an_input_too_and_comes_out_as_it_went_in()
    {
        SkipWithoutReader();
        await reference.Run;
        var output = Path.Combine(folder, "out");
        var before = Path.Combine(reference.Output, "augmented");

        var run = await ProgramRun.StartAsync(ProgramRun.Arguments("starter", before, output, ProgramRun.Small));

        run.Code.Should().Be(0, run.Output);
        var (went, came) = (await ReadAsync(before), await ReadAsync(Path.Combine(output, "augmented")));
        came.Where(row => row.Source == "original")
            .Select(row => $"{row.Split} {row.Class} {row.Image.Bytes}")
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal(went.Select(row => $"{row.Split} {row.Class} {row.Image.Bytes}").Order(StringComparer.Ordinal));
    }

    private string Input(string format, string pictures)
    {
        var files = Files(pictures)
            .Select((file, index) => (file.Path, file.Split, file.Class, Uri: Path.GetRelativePath(folder, file.Path), Index: index));
        switch (format)
        {
            case "imagefolder":
                return pictures;
            case "csv":
                return Write("all.csv", ["file,label,split", .. files.Select(file => $"{file.Uri},{file.Class},{file.Split}")]);
            case "jsonl":
                return Write(
                    "all.jsonl",
                    files.Select(file =>
                        JsonSerializer.Serialize(
                            new
                            {
                                file = file.Uri,
                                label = file.Class,
                                split = file.Split,
                            }
                        )
                    )
                );
            default:
                var tars = Directory.CreateDirectory(Path.Combine(folder, "tars")).FullName;
                foreach (var split in files.GroupBy(file => file.Split))
                {
                    using var file = File.Create(Path.Combine(tars, $"{split.Key}-000000.{format}"));
                    using Stream stream = format == "tar" ? file : new GZipStream(file, CompressionLevel.Fastest);
                    using var tar = new TarWriter(stream, TarEntryFormat.Pax);
                    foreach (var (path, _, name, _, index) in split)
                    {
                        Add(tar, $"{index:D6}.jpg", File.ReadAllBytes(path));
                        Add(tar, $"{index:D6}.cls", Encoding.UTF8.GetBytes(name));
                    }
                }

                return tars;
        }
    }

    private static void Add(TarWriter tar, string name, byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = stream });
    }

    private string Write(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    private static IEnumerable<(string Path, string Split, string Class)> Files(string pictures) =>
        from path in Directory.GetFiles(pictures, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let parts = Path.GetRelativePath(pictures, path).Split('/')
        select (path, parts[0] == "val" ? "validation" : parts[0], parts[1]);

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static void SkipWithoutReader() =>
        Assert.SkipUnless(File.Exists(Reader), "hyparquet is not there; infra/setup.sh --tests installs it");

    private static async Task<List<Row>> ReadAsync(string parquet)
    {
        var start = new ProcessStartInfo("node", [Reader, parquet]) { RedirectStandardOutput = true, UseShellExecute = false };
        using var node = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
        var text = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        node.ExitCode.Should().Be(0);
        return
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web) ?? throw new InvalidDataException(line)),
        ];
    }

    private sealed record Sample(string SampleId);

    private sealed record Picture(string Bytes, string Path);

    private sealed record Row(
        Picture Image,
        string Class,
        string Split,
        string Source,
        [property: System.Text.Json.Serialization.JsonPropertyName("label_name")] string LabelName,
        [property: System.Text.Json.Serialization.JsonPropertyName("sample_id")] string SampleId
    );
}
