using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class RejectionTests
{
    [Fact]
    public void Zero_bytes_are_empty()
    {
        var decode = () => ImageDecoder.Decode([]);

        decode.Should().Throw<ImageRejectedException>().WithMessage("The image has 0 bytes*").Which.Kind.Should().Be(RejectionKind.Empty);
    }

    [Fact]
    public void Text_is_not_an_image_and_its_first_bytes_are_shown()
    {
        var text = Encoding.UTF8.GetBytes("hello, I am a text named bird.jpg");

        var decode = () => ImageDecoder.Decode(text);

        decode
            .Should()
            .Throw<ImageRejectedException>()
            .WithMessage("The file is not an image: its first bytes are 68 65 6C 6C 6F 2C 20 49 20 61 6D 20 (\"hello, I am \")*")
            .Which.Kind.Should()
            .Be(RejectionKind.NotAnImage);
    }

    [Fact]
    public void Formats_known_but_not_decoded_are_unsupported()
    {
        byte[][] files =
        [
            [0, 0, 0, 32, .. "ftypavif"u8, 0, 0],
            [0, 0, 0, 32, .. "ftypheic"u8, 0, 0],
            [0xFF, 0x0A, 0, 0],
            [.. "II+\0"u8, 8, 0, 0, 0],
        ];

        var kinds = files.Select(file => KindOf(() => ImageDecoder.Decode(file)));

        kinds.Should().AllBe(RejectionKind.Unsupported);
    }

    [Fact]
    public void Header_of_a_huge_png_is_refused_with_the_numbers()
    {
        var png = PngOfSize(30_000, 30_000);

        var decode = () => ImageDecoder.Decode(png);

        decode
            .Should()
            .Throw<ImageRejectedException>()
            .WithMessage("The PNG is 30,000 x 30,000 pixels (900,000,000); it must have at most 178,000,000 pixels*")
            .Which.Kind.Should()
            .Be(RejectionKind.TooLarge);
    }

    [Theory]
    [MemberData(nameof(Kinds.Names), MemberType = typeof(Kinds))]
    public void The_limit_itself_is_accepted_and_one_pixel_less_is_not(string name)
    {
        var bytes = Kinds.Of(name);
        var header = ImageHeader.Read(bytes);
        var pixels = (long)header.Width * header.Height;

        var kind = KindOf(() => ImageDecoder.Decode(bytes, new DecodeLimits { Pixels = pixels - 1 }));

        kind.Should().Be(RejectionKind.TooLarge);
        ImageDecoder.Decode(bytes, new DecodeLimits { Pixels = pixels }).Width.Should().Be(header.UprightWidth);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(DecodeLimits.MostPixels + 1)]
    public void Limit_out_of_range_is_refused(long pixels)
    {
        var set = () => new DecodeLimits { Pixels = pixels };

        set.Should().Throw<ArgumentOutOfRangeException>().WithMessage("The pixel limit is*between 1 and 700,000,000*");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(DecodeLimits.MostPixels)]
    public void Limit_at_the_end_of_its_range_is_taken(long pixels)
    {
        var limits = new DecodeLimits { Pixels = pixels };

        limits.Pixels.Should().Be(pixels);
    }

    [Theory]
    [MemberData(nameof(Kinds.Names), MemberType = typeof(Kinds))]
    public void File_cut_in_its_pixels_is_rejected(string name)
    {
        var bytes = Kinds.Of(name);

        var kind = KindOf(() => ImageDecoder.Decode(bytes.AsSpan(0, bytes.Length * 2 / 3)));

        if (name.StartsWith("tiff", StringComparison.Ordinal))
        {
            kind.Should().BeOneOf(RejectionKind.Truncated, RejectionKind.Corrupt);
        }
        else if (!name.EndsWith("animated", StringComparison.Ordinal))
        {
            kind.Should().Be(RejectionKind.Truncated);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds.Names), MemberType = typeof(Kinds))]
    public void Header_cut_anywhere_is_rejected_or_read(string name)
    {
        var bytes = Kinds.Of(name);

        var kinds = Enumerable
            .Range(1, Math.Min(bytes.Length, 700))
            .Select(length => KindOf(() => ImageHeader.Read(bytes.AsSpan(0, length))))
            .ToArray();

        kinds
            .Should()
            .AllSatisfy(kind => kind.Should().BeOneOf(null, RejectionKind.NotAnImage, RejectionKind.Truncated, RejectionKind.Corrupt));
        kinds[11].Should().NotBeNull("twelve bytes hold no size");
    }

    [Theory]
    [MemberData(nameof(Kinds.Names), MemberType = typeof(Kinds))]
    public void Header_tells_the_size_of_the_decoded_image(string name)
    {
        var bytes = Kinds.Of(name);

        var header = ImageHeader.Read(bytes);

        var decoded = ImageDecoder.Decode(bytes);
        (header.UprightWidth, header.UprightHeight).Should().Be((decoded.Width, decoded.Height));
        header.Format.ToString().Should().BeEquivalentTo(name.Split(' ')[0]);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    public void Size_of_zero_is_corrupt(int width, int height)
    {
        var png = PngOfSize(width, height);

        var kind = KindOf(() => ImageHeader.Read(png));

        kind.Should().Be(RejectionKind.Corrupt);
    }

    internal static string? KindOf(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (ImageRejectedException rejection)
        {
            rejection.Message.Should().NotBeEmpty();
            return rejection.Kind;
        }
    }

    /// <summary>A PNG that is all header: 8-bit RGB, no pixels.</summary>
    private static byte[] PngOfSize(int width, int height)
    {
        byte[] chunk = [.. "IHDR"u8, 0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(4), width);
        BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(8), height);
        var check = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc32.HashToUInt32(chunk));
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. chunk, .. check];
    }
}
