using Pipeline.Models.Images;

namespace Pipeline.EndToEnd.Tests;

public sealed class DomainTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_foggy_and_a_night_data_set_are_described_as_such_and_share_no_description()
    {
        Write("foggy", Foggy);
        Write("night", Dark);

        var foggy = await DescribeAsync("foggy");
        var night = await DescribeAsync("night");

        foggy.Should().NotBeEmpty().And.OnlyContain(text => text.Contains("fog", StringComparison.Ordinal));
        night.Should().NotBeEmpty().And.OnlyContain(text => text.Contains("night", StringComparison.Ordinal));
        foggy.Should().NotIntersectWith(night);
        foggy.Concat(night).Should().NotContain(text => text.Contains("bird", StringComparison.OrdinalIgnoreCase));
        (foggy.Length, night.Length).Should().Match<(int Foggy, int Night)>(count => count.Foggy < 10 && count.Night < 10);
    }

    /// <summary>Mixed with a light grey that grows towards the top, where things are further away; the same for every channel.</summary>
    private static double Foggy(double value, int channel, double height) =>
        ((0.15 + (0.2 * height)) * value) + ((0.85 - (0.2 * height)) * 205);

    /// <summary>A quarter of the light, less of the red and some blue in the shadows, as by the moon.</summary>
    private static double Dark(double value, int channel, double height) =>
        (value * (channel == 0 ? 0.12 : 0.25)) + (channel == 2 ? 30 : 0);

    private async Task<string[]> DescribeAsync(string name)
    {
        var output = Path.Combine(folder, $"{name}-out");
        var run = await ProgramRun.StartAsync(
            ProgramRun.Arguments(PipelineFile.Describing(folder), Path.Combine(folder, name), output, "--set", "describe.limit=6")
        );
        run.Code.Should().Be(0, run.Output);
        return new RunOutput(output).Domains;
    }

    private void Write(string name, Func<double, int, double, double> weather)
    {
        foreach (var path in SamplePictures.Paths.Take(60))
        {
            var image = ImageDecoder.Decode(File.ReadAllBytes(path));
            for (var at = 0; at < image.Pixels.Length; at++)
            {
                image.Pixels[at] = (byte)weather(image.Pixels[at], at % 3, (double)at / image.Pixels.Length);
            }

            var kind = Directory.CreateDirectory(Path.Combine(folder, name, Path.GetFileName(Path.GetDirectoryName(path)) ?? "")).FullName;
            File.WriteAllBytes(Path.Combine(kind, Path.GetFileName(path)), JpegEncoder.Encode(image, 95));
        }
    }
}
