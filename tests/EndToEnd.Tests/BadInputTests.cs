using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Pipeline.Models.Images;
using Pipeline.Models.Tests.Images;

namespace Pipeline.EndToEnd.Tests;

public sealed class BadInputTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    private string Input => Path.Combine(folder, "in");

    private string Output => Path.Combine(folder, "out");

    public void Dispose()
    {
        using var shell = Shell("""rm -r "$0" """, folder); // .NET cannot delete the name either
        shell.WaitForExit();
    }

    [Fact]
    public async Task Strange_pictures_come_through_right_and_broken_ones_are_set_aside_with_a_reason_each()
    {
        SmallDataSet.Write(Input, training: 4, held: 2);
        var red = Path.Combine(Input, "train", "red");
        var picture = Pictures.Jpeg(Pictures.Photo(48, 36));
        var kinds = Pictures.Kinds.ToDictionary(kind => kind.Name, kind => kind.Bytes, StringComparer.Ordinal);
        File.WriteAllBytes(Path.Combine(red, "cmyk.jpg"), kinds["jpeg cmyk"]);
        File.WriteAllBytes(Path.Combine(red, "deep.png"), kinds["png 16"]);
        File.WriteAllBytes(Path.Combine(red, "moving.gif"), kinds["gif animated"]);
        File.WriteAllBytes(Path.Combine(red, "turned.jpg"), Exif.Insert(picture, Exif.Orientation(6)));
        File.WriteAllBytes(Path.Combine(red, "short.jpg"), picture[..^300]);
        File.WriteAllText(Path.Combine(red, "text.jpg"), "no picture", Encoding.ASCII);
        File.WriteAllBytes(Path.Combine(red, "empty.jpg"), []);
        File.WriteAllBytes(Path.Combine(red, "huge.png"), HeaderOf(30_000, 30_000));
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(Input, "train", "alone")).FullName, "one.jpg"), picture);
        await NameWithoutUtf8Async(Path.Combine(red, "0000.jpg"), red);

        var run = await ProgramRun.StartAsync(ProgramRun.Arguments("starter", Input, Output, ProgramRun.Small));

        run.Code.Should().Be(0, run.Output);
        run.Output.Should().NotContain("   at ");
        var output = new RunOutput(Output);
        var atIngest = await output.QuarantineAsync("ingest");
        atIngest
            .Select(row => $"{Path.GetFileName(row.Uri)} {row.Kind}")
            .Should()
            .BeEquivalentTo("text.jpg not-an-image", "empty.jpg empty", "huge.png too-large", "caf\uFFFD.jpg file-name");
        atIngest.Should().OnlyContain(row => row.Message.Contains("must be", StringComparison.Ordinal) || row.Message.EndsWith('.'));
        (await output.QuarantineAsync("caption")).Should().ContainSingle().Which.Kind.Should().Be("truncated");
        var samples = (await output.RowsAsync<Sample>("ingest")).ToDictionary(row => row.Uri, StringComparer.Ordinal);
        (samples["train/red/turned.jpg"].Width, samples["train/red/turned.jpg"].Height).Should().Be((36, 48));
        var edits = (await output.RowsAsync<Edit>("edit")).ToLookup(row => row.SampleId, StringComparer.Ordinal);
        SizeOf(edits, samples["train/red/turned.jpg"]).Should().Be((36, 48));
        SizeOf(edits, samples["train/red/cmyk.jpg"]).Should().Be((45, 34));
        SizeOf(edits, samples["train/red/deep.png"]).Should().Be((45, 34));
        SizeOf(edits, samples["train/red/moving.gif"]).Should().Be((20, 16));
        samples["train/alone/one.jpg"].LabelName.Should().Be("alone");
        PrintedAccount.Of("samples", run.Output).Should().Be(new PrintedAccount(26, 21, 0, 5, 0));
        var ofEdits = PrintedAccount.Of("edits", run.Output);
        ofEdits.Should().Match<PrintedAccount>(account => account.Closes && account.Kept > 0);
    }

    [Theory]
    [InlineData("empty", "has nothing in it")]
    [InlineData("absent", "is not there")]
    public async Task Folder_without_pictures_is_refused_and_nothing_is_written(string name, string said)
    {
        Directory.CreateDirectory(Path.Combine(folder, "empty"));

        var run = await ProgramRun.StartAsync(ProgramRun.Arguments("captions", Path.Combine(folder, name), Output));

        Refused(run, name, said, "must");
    }

    [Theory]
    [InlineData("caption: { after: ingest, microBatsh: 4 }", "microBatsh", "microBatch")]
    [InlineData("caption: { after: ingest, microBatch: 0 }", "caption.microBatch is 0", "between 1 and 1024")]
    [InlineData("caption: { after: ingest, microBatch: 1025 }", "caption.microBatch is 1025", "between 1 and 1024")]
    [InlineData("caption: { after: ingest, microBatch: many }", "faulty.yaml:4) is many", "whole number")]
    [InlineData("capshun: { after: ingest }", "capshun", "caption")]
    [InlineData("caption: { after: ingst }", "ingst", "ingest")]
    public async Task Faulty_pipeline_file_is_refused_and_nothing_is_written(string stage, string found, string wanted)
    {
        SmallDataSet.Write(Input, 1, 1);
        var file = Path.Combine(folder, "faulty.yaml");
        await File.WriteAllTextAsync(file, $"pipeline: faulty\nstages:\n  ingest: {{}}\n  {stage}\n");

        var run = await ProgramRun.StartAsync(ProgramRun.Arguments(file, Input, Output));

        Refused(run, found, wanted);
    }

    private void Refused((int Code, string Output) run, params string[] said)
    {
        run.Code.Should().Be(2, run.Output);
        run.Output.Should().ContainAll(said).And.NotContain("   at ");
        Directory.Exists(Output).Should().BeFalse();
    }

    private static (int Width, int Height) SizeOf(ILookup<string, Edit> edits, Sample sample)
    {
        var image = ImageDecoder.Decode(edits[sample.SampleId].First().Image);
        return (image.Width, image.Height);
    }

    /// <summary>A PNG that says how large it is and ends there.</summary>
    private static byte[] HeaderOf(int width, int height)
    {
        var size = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(size, width);
        BinaryPrimitives.WriteInt32BigEndian(size.AsSpan(4), height);
        (size[8], size[9]) = (8, 2);
        byte[] chunk = [.. "IHDR"u8, .. size];
        var check = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(check, System.IO.Hashing.Crc32.HashToUInt32(chunk));
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. chunk, .. check];
    }

    /// <summary>Copies a picture to a name that .NET cannot spell: é as the one byte of Latin 1.</summary>
    private static async Task NameWithoutUtf8Async(string picture, string target)
    {
        using var shell = Shell("""cp "$0" "$1/$(printf 'caf\351.jpg')" """, picture, target);
        await shell.WaitForExitAsync();
        shell.ExitCode.Should().Be(0);
    }

    private static Process Shell(string command, params string[] arguments) =>
        Process.Start("/bin/sh", ["-c", command, .. arguments]) ?? throw new InvalidOperationException("The shell did not start.");

    private sealed record Sample(string SampleId, string Uri, int Width, int Height, string LabelName);

    private sealed record Edit(string SampleId, byte[] Image);
}
