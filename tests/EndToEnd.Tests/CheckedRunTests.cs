using System.Text.Json;
using Pipeline.Models.Images;

namespace Pipeline.EndToEnd.Tests;

public sealed class CheckedRunTests : IDisposable
{
    private const int Training = 16;
    private const int Held = 4;
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_training_picture_that_a_test_picture_looks_like_is_neither_trained_on_nor_exported()
    {
        var output = Path.Combine(folder, "out");
        var arguments = ProgramRun.Arguments("checked", Pictures(), output, ProgramRun.Small);

        var first = await ProgramRun.StartAsync(arguments);
        var before = ProgramRun.Files(output);
        var second = await ProgramRun.StartAsync(arguments);

        first.Code.Should().Be(0, first.Output);
        first.Output.Should().Contain("account: samples 25 in = 24 kept + 1 dropped (1 duplicates_test) + 0 quarantined + 0 failed");
        first.Output.Should().Contain("source_duplicates_test").And.NotContain(" is not ");
        using var metrics = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(output, "report", "metrics.json")));
        metrics
            .RootElement.EnumerateArray()
            .Where(row => row.GetProperty("training").GetString() == "original")
            .Select(row => row.GetProperty("training_images").GetInt32())
            .Should()
            .NotBeEmpty()
            .And.OnlyContain(images => images == Training - 1);
        second.Code.Should().Be(0, second.Output);
        second.Output.Should().Contain("nothing was done");
        ProgramRun.Files(output).Should().Equal(before);
    }

    /// <summary>Pictures of both classes in three splits; the first one of training is in test once more, larger and in another format.</summary>
    private string Pictures()
    {
        var input = Path.Combine(folder, "in");
        foreach (var (index, path) in SamplePictures.Paths.Take(Training + (2 * Held)).Index())
        {
            var split =
                index < Training ? "train"
                : index < Training + Held ? "val"
                : "test";
            File.Copy(path, At(input, split, path, Path.GetFileName(path)));
        }

        var first = SamplePictures.Paths[0];
        var picture = ImageDecoder.Decode(File.ReadAllBytes(first));
        var larger = ImageResize.To(picture, picture.Width * 5 / 4, picture.Height * 5 / 4);
        File.WriteAllBytes(At(input, "test", first, "again.png"), PngEncoder.Encode(larger));
        return input;
    }

    private static string At(string input, string split, string picture, string name)
    {
        var target = Path.Combine(input, split, Path.GetFileName(Path.GetDirectoryName(picture))!);
        return Path.Combine(Directory.CreateDirectory(target).FullName, name);
    }
}
