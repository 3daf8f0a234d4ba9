using System.Globalization;
using System.Numerics;
using Pipeline.Models.Safety;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Safety;

public sealed class StableDiffusionSafetyCheckerTests : IDisposable
{
    private static readonly string Tiny = Path.Combine(GoldenSet.Fixtures, "safety-checker-tiny");
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rounding_is_that_of_the_exact_value_to_three_digits_half_to_even()
    {
        var random = new Random(1);
        foreach (var thousandths in Enumerable.Range(-300, 600))
        {
            // Around each middle between two thousandths, a double to either side, and a draw.
            var middle = thousandths / 1000.0 + 0.0005;
            foreach (
                var value in new[]
                {
                    middle,
                    Math.BitIncrement(middle),
                    Math.BitDecrement(middle),
                    middle + (random.NextDouble() - 0.5) / 1000,
                    thousandths / 1000.0,
                }
            )
            {
                ThreeDigits.Round(value).Should().Be(Exact(value), "of {0:R}", value);
            }
        }

        ThreeDigits.Round(0.0005).Should().Be(0.001);
        ThreeDigits.Round(0.0625).Should().Be(0.062);
        ThreeDigits.Round(0.1875).Should().Be(0.188);
    }

    [Fact]
    public void Special_care_lowers_the_line_for_all_after_it()
    {
        // Two special-care concepts along the first axis, concepts along the first and second; the image lies between.
        Write(
            concepts:
            [
                [1, 0],
                [0, 1],
            ],
            lines: [0.605f, 0.9f],
            special:
            [
                [1, 0],
                [1, 0],
            ],
            specialLines: [0.59f, 0.605f]
        );
        using var file = SafetensorsFile.Read(folder.File("concepts.safetensors"));
        var concepts = SafetyConcepts.Read(file, 2);

        var scores = concepts.Judge([0.6f, 0.8f]);
        var away = concepts.Judge([0.58f, MathF.Sqrt(1 - 0.58f * 0.58f)]);

        scores.Special.Should().Equal(0.01, 0.005);
        scores.Concepts.Should().Equal(0.005, -0.09);
        scores.IsFlagged.Should().BeTrue();
        StableDiffusionSafetyChecker.Verdict(scores).Should().Be(new SafetyVerdict(true, 0.005f, "concept 0"));
        away.Special.Should().Equal(-0.01, -0.025);
        away.IsFlagged.Should().BeFalse();
        StableDiffusionSafetyChecker.Verdict(away).Reason.Should().BeEmpty();
    }

    [Fact]
    public void Special_care_alone_flags_nothing()
    {
        Write(
            concepts:
            [
                [0, 1],
            ],
            lines: [0.9f],
            special:
            [
                [1, 0],
            ],
            specialLines: [0.5f]
        );
        using var file = SafetensorsFile.Read(folder.File("concepts.safetensors"));

        var scores = SafetyConcepts.Read(file, 2).Judge([2, 0]);

        scores.Special.Should().Equal(0.5);
        scores.IsFlagged.Should().BeFalse();
    }

    [Fact]
    public void A_verdict_depends_neither_on_neighbours_nor_on_order()
    {
        using var checker = SafetyCheckers.Open(Tiny, new SafetySettings { CallSize = 4 });
        var pixels = Directory
            .GetFiles(Path.Combine(Tiny, "images"))
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes)
            .Select(checker.Prepare)
            .ToArray();

        var together = checker.Check(pixels, CancellationToken.None);

        together.Count(verdict => verdict.IsFlagged).Should().Be(6);
        checker.Check([.. pixels.Reverse()], CancellationToken.None).Reverse().Should().Equal(together);
        pixels.Select(image => checker.Check([image], CancellationToken.None)[0]).Should().Equal(together);
    }

    [Fact]
    public void The_folder_of_the_checker_alone_is_opened_too()
    {
        CopyTiny();
        File.Copy(
            Path.Combine(Tiny, "feature_extractor", "preprocessor_config.json"),
            Path.Combine(folder.Root, "safety_checker", "preprocessor_config.json")
        );

        using var checker = SafetyCheckers.Open(Path.Combine(folder.Root, "safety_checker"), new SafetySettings());

        checker.Should().BeOfType<StableDiffusionSafetyChecker>();
    }

    [Theory]
    [InlineData("concept_embeds_weights", null, "*model.safetensors*concept_embeds_weights is missing*")]
    [InlineData("visual_projection.weight", null, "*visual_projection.weight is missing*")]
    [InlineData("vision_model.vision_model.post_layernorm.bias", null, "*post_layernorm.bias is missing*")]
    [InlineData("special_care_embeds", "special_care", "*special_care (1 in all) are unknown*special_care_embeds*")]
    [InlineData("concept_embeds", "", "*concept_embeds is*concept_embeds_weights is*they must be*")]
    public void A_tensor_that_is_missing_unknown_or_of_another_shape_is_named(string name, string? renamed, string message)
    {
        CopyTiny();
        var path = Path.Combine(folder.Root, "safety_checker", "model.safetensors");
        using (var stored = SafetensorsFile.Read(path))
        {
            SafetensorsFile.Write(
                folder.File("changed"),
                [
                    .. stored
                        .Entries.Keys.Where(key => key != name || renamed is not null)
                        .Select(key =>
                            (
                                key == name && renamed is { Length: > 0 } ? renamed : key,
                                key == name && renamed is "" ? stored.Tensor(key).narrow(0, 0, 2) : stored.Tensor(key)
                            )
                        ),
                ]
            );
        }

        File.Move(folder.File("changed"), path, overwrite: true);

        var open = () => SafetyCheckers.Open(folder.Root, new SafetySettings());

        open.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void Preprocessing_must_be_there()
    {
        CopyTiny();
        Directory.Delete(Path.Combine(folder.Root, "feature_extractor"), recursive: true);

        var open = () => SafetyCheckers.Open(folder.Root, new SafetySettings());

        open.Should().Throw<InvalidDataException>().WithMessage("*has no preprocessor_config.json*");
    }

    [Fact]
    public void Another_model_is_named_as_what_it_is()
    {
        var open = () => SafetyCheckers.Open(Path.Combine(GoldenSet.Fixtures, "clip", "model"), new SafetySettings());

        open.Should()
            .Throw<InvalidDataException>()
            .WithMessage("*holds CLIP; supported as safety checkers are nsfw-mobilenet-v2*StableDiffusionSafetyChecker*");
    }

    [Fact]
    public void A_folder_without_config_is_refused()
    {
        var open = () => SafetyCheckers.Open(folder.Root, new SafetySettings());

        open.Should().Throw<InvalidDataException>().WithMessage("*config.json is missing*");
    }

    /// <summary>By whole numbers: the double's exact fraction against the middles.</summary>
    private static double Exact(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        var exponent = (int)(bits >> 52);
        var mantissa = (bits & ((1L << 52) - 1)) | (exponent == 0 ? 0 : 1L << 52);
        var denominator = BigInteger.One << (1075 - Math.Max(exponent, 1));
        var (quotient, rest) = BigInteger.DivRem(mantissa * (BigInteger)1000, denominator);
        var side = (2 * rest).CompareTo(denominator);
        quotient += side > 0 || (side == 0 && !quotient.IsEven) ? 1 : 0;
        var text = $"{(value < 0 ? "-" : "")}{quotient}e-3";
        return double.Parse(text, CultureInfo.InvariantCulture);
    }

    private void Write(float[][] concepts, float[] lines, float[][] special, float[] specialLines) =>
        SafetensorsFile.Write(
            folder.File("concepts.safetensors"),
            [
                ("concept_embeds", stack(concepts.Select(row => tensor(row)))),
                ("concept_embeds_weights", tensor(lines)),
                ("special_care_embeds", stack(special.Select(row => tensor(row)))),
                ("special_care_embeds_weights", tensor(specialLines)),
            ]
        );

    private void CopyTiny()
    {
        foreach (var part in new[] { "safety_checker", "feature_extractor" })
        {
            Directory.CreateDirectory(Path.Combine(folder.Root, part));
            foreach (var file in Directory.GetFiles(Path.Combine(Tiny, part)))
            {
                File.Copy(file, Path.Combine(folder.Root, part, Path.GetFileName(file)));
            }
        }
    }
}
