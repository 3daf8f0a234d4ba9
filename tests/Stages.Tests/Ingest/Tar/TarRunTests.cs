using Pipeline.Models.Images;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Tests.Ingest.Tar;

/// <summary>Whole runs over tars, against the same pictures in folders.</summary>
public sealed class TarRunTests : IDisposable
{
    private const int Pictures = 30;
    private readonly InputFolder input = new();
    private readonly string outputs = Directory.CreateTempSubdirectory("tar-").FullName;

    public void Dispose()
    {
        input.Dispose();
        Directory.Delete(outputs, recursive: true);
    }

    [Theory]
    [InlineData("in.tar")]
    [InlineData("in.tar.gz")]
    public async Task Captions_are_those_of_the_image_folder_and_a_second_run_does_nothing(string name)
    {
        for (var index = 0; index < Pictures; index++)
            input.With($"folder/{Label(index)}/{index:D4}.png", Picture(index));
        input.With(name, Tar(name));

        var folder = await RunAsync("folder", "1");
        var tar = await RunAsync(name, "2");
        var captions = await CaptionsAsync("2", tar.Run);
        var again = await RunAsync(name, "2");

        tar.Fault.Should().BeNull();
        tar.Accounts[0]
            .Should()
            .BeEquivalentTo(
                new
                {
                    In = Pictures,
                    Kept = Pictures,
                    Quarantined = 0L,
                }
            );
        captions.Should().Equal(await CaptionsAsync("1", folder.Run)).And.HaveCount(Pictures);
        captions.Distinct().Should().HaveCountGreaterThan(3);
        again.Unchanged.Should().BeTrue();
    }

    [Theory]
    [InlineData("in.tar")]
    [InlineData("in.tar.gz")]
    public async Task Images_are_read_again_when_the_time_of_the_tar_changes(string name)
    {
        input.With(name, Tar(name));
        var time = File.GetLastWriteTimeUtc(input.At(name));
        await RunAsync(name, "1");
        var tar = Tar(name, isSpoilt: true);
        input.With(name, tar);
        File.SetLastWriteTimeUtc(input.At(name), time);

        var unseen = await RunAsync(name, "1", "ingest.unfinished=63");
        File.SetLastWriteTimeUtc(input.At(name), time.AddSeconds(1));
        var seen = await RunAsync(name, "1");
        var again = await RunAsync(name, "1");

        unseen.Accounts[0].Quarantined.Should().Be(0);
        seen.Unchanged.Should().BeFalse();
        seen.Accounts[0].Quarantined.Should().Be(1);
        again.Unchanged.Should().BeTrue();
    }

    [Fact]
    public async Task What_is_set_aside_is_in_the_account()
    {
        var tar = new TarBytes()
            .Sample("0")
            .With("../1.png", "x")
            .Sample("2", null)
            .With("3.png", "no image")
            .With("3.cls", "a")
            .Sample("4");
        input.With("in.tar", tar.Open());

        var end = await RunAsync("in.tar", "1");
        var shards = new RunShards(new FolderStore(Path.Combine(outputs, "1")), end.Run);
        var quarantine = await shards.QuarantineAsync("ingest", CancellationToken.None);

        end.Accounts[0]
            .Should()
            .BeEquivalentTo(
                new
                {
                    In = 6L,
                    Kept = 2L,
                    Quarantined = 4L,
                    Closes = true,
                }
            );
        quarantine
            .Select(row => $"{row.Kind} {row.Uri}")
            .Should()
            .Equal("unsafe-path in.tar/../1.png@2560", "no-label in.tar/2.png", "not-an-image in.tar/3.png", "damaged-tar in.tar");
    }

    private Task<SessionEnd> RunAsync(string name, string output, params string[] sets) =>
        RunSession.RunAsync(
            new RunSettings
            {
                Pipeline = "captions",
                Input = input.At(name),
                Output = Path.Combine(outputs, output),
                Sets = ["ingest.batch=7", .. sets],
            },
            new Unwatched(),
            TimeProvider.System,
            CancellationToken.None
        );

    /// <summary>The pictures in the order of the folder: class by class.</summary>
    private static byte[] Tar(string name, bool isSpoilt = false)
    {
        var tar = new TarBytes();
        foreach (var index in Enumerable.Range(0, Pictures).OrderBy(Label, StringComparer.Ordinal))
        {
            var picture = Picture(index);
            tar.With($"{index:D4}.png", isSpoilt && index == 5 ? new byte[picture.Length] : picture).With($"{index:D4}.cls", Label(index));
        }

        return name.EndsWith("gz", StringComparison.Ordinal) ? TarBytes.Packed(tar.Whole()) : tar.Whole();
    }

    private static string Label(int index) => index % 3 == 0 ? "a" : "b";

    private static byte[] Picture(int index)
    {
        var random = new Random(index);
        var pixels = new byte[24 * 16 * 3];
        for (var at = 0; at < pixels.Length; at++)
            pixels[at] = (byte)random.Next((index * 8) + 1);
        return PngEncoder.Encode(new RgbImage(24, 16, pixels));
    }

    private async Task<IReadOnlyList<string>> CaptionsAsync(string output, string run)
    {
        var captions = new List<string>();
        var shards = new RunShards(new FolderStore(Path.Combine(outputs, output)), run);
        await foreach (var (_, rows) in shards.ReadAllAsync<Row>("caption", CancellationToken.None))
            captions.AddRange(rows.Select(row => row.Caption));
        return captions;
    }

    private sealed record Row(string Caption);

    private sealed class Unwatched : IRunMonitor
    {
        public void Report(RunProgress progress)
        {
            // nobody looks
        }
    }
}
