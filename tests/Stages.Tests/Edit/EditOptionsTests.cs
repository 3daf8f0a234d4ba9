using Pipeline.Models;
using Pipeline.Models.Images;
using Pipeline.Models.Procedural;
using Pipeline.Stages.Edit;

namespace Pipeline.Stages.Tests.Edit;

public sealed class EditOptionsTests
{
    public static TheoryData<EditOptions> Good() =>
        [
            new EditOptions(),
            new EditOptions
            {
                Strength = 0,
                Variants = 1,
                MicroBatch = 1,
                Quality = 1,
                Workers = 0,
            },
            new EditOptions
            {
                Strength = 1,
                Variants = 100,
                MicroBatch = 1024,
                Quality = 100,
                Workers = 256,
            },
            new EditOptions { Subsampling = ChromaSubsampling.Quarter },
        ];

    public static TheoryData<string, EditOptions> Bad() =>
        new()
        {
            {
                "edit.backend is 'magic'; it must be procedural.",
                new() { Backend = "magic" }
            },
            {
                "edit.strength is -0.1; it must be between 0 and 1.",
                new() { Strength = -0.1 }
            },
            {
                "edit.strength is 1.1;",
                new() { Strength = 1.1 }
            },
            {
                "edit.strength is NaN;",
                new() { Strength = double.NaN }
            },
            {
                "edit.variants is 0; it must be between 1 and 100.",
                new() { Variants = 0 }
            },
            {
                "edit.variants is 101;",
                new() { Variants = 101 }
            },
            {
                "edit.microBatch is 0; it must be between 1 and 1024 edits.",
                new() { MicroBatch = 0 }
            },
            {
                "edit.microBatch is 1025;",
                new() { MicroBatch = 1025 }
            },
            {
                "edit.quality is 0; it must be between 1 and 100.",
                new() { Quality = 0 }
            },
            {
                "edit.quality is 101;",
                new() { Quality = 101 }
            },
            {
                "edit.subsampling is 7; it must be none or quarter.",
                new() { Subsampling = (ChromaSubsampling)7 }
            },
            {
                "edit.workers is -1; it must be between 0 (one a core) and 256.",
                new() { Workers = -1 }
            },
            {
                "edit.workers is 257;",
                new() { Workers = 257 }
            },
        };

    [Theory]
    [MemberData(nameof(Good))]
    public void Values_within_their_ranges_have_no_fault(EditOptions options)
    {
        var faults = options.Faults("edit");

        faults.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Value_out_of_its_range_is_named_with_what_it_must_be(string said, EditOptions options)
    {
        var faults = options.Faults("edit");

        faults.Should().ContainSingle().Which.Should().StartWith(said);
    }

    [Fact]
    public async Task Edits_are_encoded_as_the_options_say()
    {
        var source = PngEncoder.Encode(Noise());

        var fine = await EditAsync(source, new EditOptions());
        var thin = await EditAsync(source, new EditOptions { Subsampling = ChromaSubsampling.Quarter });
        var coarse = await EditAsync(source, new EditOptions { Quality = 40 });

        Chroma(fine).Should().Be(0x11, "one colour sample a pixel is the default");
        Chroma(thin).Should().Be(0x22);
        thin.Length.Should().BeLessThan(fine.Length);
        coarse.Length.Should().BeLessThan(fine.Length);
    }

    private static async Task<byte[]> EditAsync(byte[] source, EditOptions options)
    {
        var stage = new EditStage(new ProceduralEditor(), ["a photo of a {} in fog"], options, seed: 0, "");
        var items = stage.Prepare(new EditInput("s", "", null, 0, source.Length, source, "train", "bird"));
        var results = await stage.InferAsync(items, CancellationToken.None);
        return stage.Finish(items[0], results[0]).Image;
    }

    /// <summary>The sampling factors of the luma, across and down, from the frame header.</summary>
    private static byte Chroma(byte[] jpeg) => jpeg[jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 11];

    private static RgbImage Noise()
    {
        var pixels = new byte[48 * 48 * 3];
        new Random(3).NextBytes(pixels);
        return new RgbImage(48, 48, pixels);
    }
}
