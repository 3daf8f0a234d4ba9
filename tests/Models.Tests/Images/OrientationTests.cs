using NetVips;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class OrientationTests
{
    public static TheoryData<int> All => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(All))]
    public void Jpeg_is_turned_as_libvips_turns_it(int orientation)
    {
        var jpeg = Exif.Insert(Pictures.Jpeg(Pictures.Photo(40, 24)), Exif.Orientation(orientation));

        var decoded = ImageDecoder.Decode(jpeg);

        using var loaded = Image.JpegloadBuffer(jpeg, autorotate: true);
        var turned = new RgbImage(loaded.Width, loaded.Height, loaded.WriteToMemory<byte>());
        Differences.Largest(decoded, turned).Should().BeLessThanOrEqualTo(1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Resized_jpeg_is_turned_too(int orientation)
    {
        var jpeg = Exif.Insert(Pictures.Jpeg(Pictures.Photo(160, 96)), Exif.Orientation(orientation, bigEndian: true));

        var resized = ImageDecoder.DecodeToSize(jpeg, 40, 30);

        Differences.Mean(resized, ImageResize.To(ImageDecoder.Decode(jpeg), 40, 30)).Should().BeLessThan(1.5);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Png_webp_and_tiff_are_turned(int orientation)
    {
        var photo = Pictures.Photo(20, 12);
        using var vips = Pictures.Vips(photo);
        using var marked = vips.Mutate(image => image.Set(GValue.GIntType, "orientation", orientation));
        byte[][] files = [marked.PngsaveBuffer(), marked.WebpsaveBuffer(lossless: true), marked.TiffsaveBuffer()];

        var decoded = files.Select(file => ImageDecoder.Decode(file)).ToArray();

        var wanted = Upright.Turn(photo, orientation);
        decoded.Should().AllSatisfy(image => image.Pixels.Should().Equal(wanted.Pixels));
        files.Should().AllSatisfy(file => ImageHeader.Read(file).Orientation.Should().Be(orientation));
    }

    [Fact]
    public void Malformed_exif_counts_as_upright()
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(40, 24));
        byte[][] blocks =
        [
            [],
            "II*\0"u8.ToArray(),
            "XX*\0garbage"u8.ToArray(),
            Exif.Orientation(0),
            Exif.Orientation(9),
            Exif.Orientation(6, type: 2),
            Exif.Orientation(6, tag: 0x0110),
            Exif.Orientation(6, count: 2),
            Exif.Orientation(6, directory: 0xFFFFFFF0),
            Exif.Orientation(6, directory: 20),
            .. Enumerable.Range(0, 20).Select(length => Exif.Orientation(6)[..length]),
        ];

        var orientations = blocks.Select(block => ImageHeader.Read(Exif.Insert(jpeg, block)).Orientation);

        orientations.Should().AllBeEquivalentTo(1);
    }

    [Fact]
    public void Upright_size_swaps_the_sides_from_orientation_5_on()
    {
        var (turned, flipped) = (new ImageHeader(ImageFormat.Jpeg, 40, 24, 5), new ImageHeader(ImageFormat.Jpeg, 40, 24, 4));

        var sizes = (turned.UprightWidth, turned.UprightHeight, flipped.UprightWidth, flipped.UprightHeight);

        sizes.Should().Be((24, 40, 40, 24));
    }
}
