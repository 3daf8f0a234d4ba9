using System.Diagnostics;
using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Models.Safety;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Tests.Images;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Safety;

public sealed class NsfwClassifierTests(ITestOutputHelper output) : IDisposable
{
    private const float Tolerance = 1e-4f;
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "models", "nsfw-mobilenet-v2");
    private static readonly string Repository = Path.GetFullPath(Path.Combine(GoldenSet.Fixtures, "..", "..", ".."));
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Twenty_images_have_the_probabilities_that_the_package_gave_when_they_were_recorded()
    {
        var path = Path.Combine(Repository, "tests", "Models.Tests", "Safety", "Nsfw", "expected.json");

        MustAgree(File.ReadAllText(path));
    }

    [Fact]
    [Trait("Form", "Long")]
    public async Task Twenty_images_have_the_probabilities_that_the_package_gives_under_Node()
    {
        var script = Path.Combine(Repository, "artifacts", "nsfwjs", "classify.mjs");
        Assert.SkipUnless(
            File.Exists(script),
            "nsfwjs and TensorFlow.js are not installed; infra/setup.sh --long brings them where npm can be reached."
        );
        var list = NsfwImages.All.Select(
            (item, index) =>
                new
                {
                    name = item.Name,
                    width = item.Image.Width,
                    height = item.Image.Height,
                    file = $"{index}.rgb",
                }
        );
        await File.WriteAllTextAsync(folder.File("list.json"), JsonSerializer.Serialize(list));
        for (var index = 0; index < NsfwImages.All.Count; index++)
        {
            await File.WriteAllBytesAsync(folder.File($"{index}.rgb"), NsfwImages.All[index].Image.Pixels);
        }

        using var node = Process.Start(
            new ProcessStartInfo("node", [script, folder.File("list.json")]) { RedirectStandardOutput = true, UseShellExecute = false }
        )!;
        var answer = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();

        node.ExitCode.Should().Be(0);
        MustAgree(answer);
        // Where the recorded values come from.
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(script)!, "expected.json"), answer);
    }

    [Fact]
    public void A_result_depends_neither_on_neighbours_nor_on_order_and_hardly_on_the_size_of_calls()
    {
        using var scope = NewDisposeScope();
        using var classifier = NsfwClassifier.Open(Shipped, new SafetySettings { CallSize = 4 });
        var pixels = NsfwImages.All.Take(7).Select(item => NsfwClassifier.Prepare(item.Image)).ToArray();
        var together = classifier.Probabilities(pixels, CancellationToken.None);

        var reversed = classifier.Probabilities([.. pixels.Reverse()], CancellationToken.None).Reverse().ToArray();
        var alone = pixels.Select(image => classifier.Probabilities([image], CancellationToken.None)[0]).ToArray();
        classifier.CallSize = 1;
        var single = classifier.Probabilities(pixels, CancellationToken.None);

        for (var index = 0; index < pixels.Length; index++)
        {
            reversed[index].Should().Equal(together[index]);
            alone[index].Should().Equal(together[index]);
            foreach (var (one, other) in single[index].Zip(together[index]))
            {
                one.Should().BeApproximately(other, 1e-5f * Math.Max(other, 1e-3f));
            }
        }
    }

    [Theory]
    [InlineData(0.3f, 0.2f, true, "Porn")]
    [InlineData(0.125f, 0.375f, true, "Hentai")]
    [InlineData(0.3f, 0.1999f, false, "")]
    public void Porn_and_hentai_together_are_flagged_from_one_half_on(float porn, float hentai, bool flagged, string reason)
    {
        var verdict = NsfwClassifier.Verdict([0.1f, hentai, 0.2f, porn, 0.2f], 0.5f);

        verdict.Should().Be(new SafetyVerdict(flagged, porn + hentai, reason));
    }

    [Fact]
    public void The_line_is_an_option()
    {
        var file = Pictures.Jpeg(NsfwImages.All[0].Image);
        using var strict = SafetyCheckers.Open(Shipped, new SafetySettings { NsfwLine = 1e-9f });
        using var lax = SafetyCheckers.Open(Shipped, new SafetySettings { NsfwLine = 1 });

        strict.Check([strict.Prepare(file)], CancellationToken.None).Single().IsFlagged.Should().BeTrue();
        lax.Check([lax.Prepare(file)], CancellationToken.None).Single().IsFlagged.Should().BeFalse();
    }

    [Theory]
    [InlineData(0f, 8, "*line*is 0; it must be over 0 and at most 1*")]
    [InlineData(1.01f, 8, "*line*is 1.01*")]
    [InlineData(0.5f, 0, "*one call*are 0; they must be 1 to 256*")]
    [InlineData(0f, 257, "*line*is 0*one call*are 257*")]
    public void Settings_out_of_range_are_refused_all_at_once(float line, int callSize, string message)
    {
        var open = () => SafetyCheckers.Open(Shipped, new SafetySettings { NsfwLine = line, CallSize = callSize });

        open.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void Corners_stay_and_places_between_are_mixed_of_four()
    {
        var image = Pictures.Photo(37, 451);

        var planes = NsfwClassifier.Prepare(image);

        planes.Should().HaveCount(3 * 224 * 224);
        foreach (var (x, y) in new[] { (0, 0), (223, 0), (0, 223), (223, 223), (100, 7), (50, 222), (223, 111) })
        {
            for (var channel = 0; channel < 3; channel++)
            {
                planes[(channel * 224 + y) * 224 + x]
                    .Should()
                    .BeApproximately((float)Mixed(image, 36.0 * x / 223, 450.0 * y / 223, channel), 1e-6f);
            }
        }
    }

    [Fact]
    public void An_image_of_the_networks_size_is_its_levels_over_255()
    {
        var image = Pictures.Photo(224, 224);

        var planes = NsfwClassifier.Prepare(image);

        for (var at = 0; at < image.Pixels.Length; at++)
        {
            Assert.Equal(image.Pixels[at] / 255f, planes[at % 3 * 224 * 224 + at / 3]);
        }
    }

    [Fact]
    public void What_is_no_image_is_rejected()
    {
        using var classifier = NsfwClassifier.Open(Shipped, new SafetySettings());

        classifier.Invoking(classifier => classifier.Prepare([1, 2, 3])).Should().Throw<ImageRejectedException>();
    }

    [Fact]
    public void Tensors_that_are_missing_unknown_or_of_another_shape_are_named_together()
    {
        Copy();
        using (var stored = SafetensorsFile.Read(Path.Combine(Shipped, "model.safetensors")))
        {
            SafetensorsFile.Write(
                folder.File("model.safetensors"),
                [
                    .. stored.Entries.Keys.Where(name => name != "Conv1/kernel").Select(name => (name, Changed(name, stored.Tensor(name)))),
                    ("more", zeros(1)),
                ]
            );
        }

        var open = () => NsfwClassifier.Open(folder.Root, new SafetySettings());

        open.Should()
            .Throw<InvalidDataException>()
            .WithMessage("*Conv1/kernel is missing*dense_3/bias is U8 [4], wanted U8 [5]*more is unknown*");

        static Tensor Changed(string name, Tensor tensor) => name == "dense_3/bias" ? tensor.narrow(0, 0, 4) : tensor;
    }

    [Fact]
    public void Another_order_of_classes_is_refused()
    {
        Copy();
        var config = folder.File("config.json");
        File.WriteAllText(
            config,
            File.ReadAllText(config).Replace("\"Drawing\", \"Hentai\"", "\"Hentai\", \"Drawing\"", StringComparison.Ordinal)
        );

        var open = () => SafetyCheckers.Open(folder.Root, new SafetySettings());

        open.Should()
            .Throw<InvalidDataException>()
            .WithMessage("*config.json: classes is 'Hentai, Drawing, Neutral, Porn, Sexy'; it must be*");
    }

    [Fact]
    public void The_licence_lies_beside_the_weights()
    {
        File.ReadAllText(Path.Combine(Shipped, "LICENSE")).Should().StartWith("MIT License");
    }

    private void MustAgree(string answer)
    {
        using var document = JsonDocument.Parse(answer);
        var wanted = document.RootElement.GetProperty("images").EnumerateArray().ToArray();
        using var classifier = NsfwClassifier.Open(Shipped, new SafetySettings());

        var got = classifier.Probabilities([.. NsfwImages.All.Select(item => NsfwClassifier.Prepare(item.Image))], CancellationToken.None);

        var worst = 0f;
        wanted.Should().HaveCount(20).And.HaveCount(got.Count);
        for (var index = 0; index < got.Count; index++)
        {
            wanted[index].GetProperty("name").GetString().Should().Be(NsfwImages.All[index].Name);
            var probabilities = wanted[index].GetProperty("probabilities").EnumerateArray().Select(value => value.GetSingle()).ToArray();
            probabilities.Should().HaveCount(5);
            for (var place = 0; place < 5; place++)
            {
                worst = Math.Max(worst, Math.Abs(got[index][place] - probabilities[place]));
                got[index][place].Should().BeApproximately(probabilities[place], Tolerance, "of {0}", NsfwImages.All[index].Name);
            }
        }

        output.WriteLine($"worst difference {worst:G3} of {Tolerance:G3} allowed");
    }

    /// <summary>A weighted sum over all pixels, most of them with the weight 0.</summary>
    private static double Mixed(RgbImage image, double x, double y, int channel) =>
        (
            from row in Enumerable.Range(0, image.Height)
            from column in Enumerable.Range(0, image.Width)
            let weight = Math.Max(0, 1 - Math.Abs(row - y)) * Math.Max(0, 1 - Math.Abs(column - x))
            where weight > 0
            select weight * image.Pixels[(row * image.Width + column) * 3 + channel] / 255
        ).Sum();

    private void Copy()
    {
        foreach (var file in Directory.GetFiles(Shipped))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)), overwrite: true);
        }
    }
}
