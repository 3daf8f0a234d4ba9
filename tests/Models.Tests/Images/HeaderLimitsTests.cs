using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using NetVips;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

/// <summary>Frames and metadata are counted in the header and held to their limits before anything is decoded.</summary>
public sealed class HeaderLimitsTests
{
    private const int TextBytes = 3000;
    private const int SmallestBytes = 300; // libvips' own profile, compressed

    public static TheoryData<string, long> Frames =>
        new()
        {
            { "gif animated", 3 },
            { "webp animated", 3 },
            { "tiff pages", 3 },
            { "png animated", 3 },
            { "gif", 1 },
            { "webp lossy", 1 },
            { "tiff", 1 },
            { "png", 1 },
            { "jpeg 420", 1 },
            { "bmp 24", 1 },
        };

    public static TheoryData<string> WithMetadata =>
        [
            "jpeg comment",
            "jpeg exif",
            "jpeg profile",
            "png text",
            "png profile",
            "webp profile",
            "gif comment",
            "tiff text",
            "tiff profile",
            "bmp profile",
        ];

    [Theory]
    [MemberData(nameof(Frames))]
    public void Frames_are_counted_and_one_above_the_limit_is_refused_before_any_is_decoded(string name, long frames)
    {
        var bytes = Of(name);
        var header = ImageHeader.Read(bytes);

        header.Frames.Should().Be(frames);
        ImageDecoder.Decode(bytes, new DecodeLimits { Frames = (int)frames }).Width.Should().Be(header.Width);
        if (frames > 1)
        {
            var refused = () => ImageDecoder.Decode(Spoilt(bytes, name), new DecodeLimits { Frames = (int)frames - 1 });
            refused
                .Should()
                .Throw<ImageRejectedException>()
                .WithMessage($"The * has {frames} frames or more; it must have at most {frames - 1}.*")
                .Which.Kind.Should()
                .Be(RejectionKind.TooManyFrames);
        }
    }

    [Theory]
    [MemberData(nameof(WithMetadata))]
    public void Metadata_is_counted_and_a_byte_above_the_limit_is_refused_before_anything_is_decoded(string name)
    {
        var bytes = Of(name);
        var metadata = ImageHeader.Read(bytes).MetadataBytes;
        var limits = new DecodeLimits { MetadataBytes = (int)metadata - 1 };

        var refused = () => ImageDecoder.Decode(Spoilt(bytes, name), limits);

        metadata.Should().BeInRange(name == "jpeg exif" ? 26 : SmallestBytes, TextBytes + 1200);
        ImageDecoder.Decode(bytes, new DecodeLimits { MetadataBytes = (int)metadata }).Width.Should().BePositive();
        refused
            .Should()
            .Throw<ImageRejectedException>()
            .WithMessage($"The * has {metadata:N0} bytes of metadata; it must have at most {metadata - 1:N0} bytes.*")
            .Which.Kind.Should()
            .Be(RejectionKind.TooMuchMetadata);
    }

    [Fact]
    public void Chain_of_pages_that_leads_back_is_refused_and_ends()
    {
        var bytes = Of("tiff").ToArray();
        var directory = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
        var next = directory + 2 + (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(directory)) * 12);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(next), directory);

        var kind = RejectionTests.KindOf(() => ImageDecoder.Decode(bytes, new DecodeLimits { Frames = DecodeLimits.MostFrames }));

        kind.Should().Be(RejectionKind.TooManyFrames);
    }

    [Fact]
    public void Pixels_come_before_frames_and_frames_before_metadata()
    {
        var header = new ImageHeader(ImageFormat.Gif, 20, 16, 1) { Frames = 3, MetadataBytes = 9 };
        var all = new DecodeLimits
        {
            Pixels = 319,
            Frames = 2,
            MetadataBytes = 8,
        };

        var kinds = new[] { all, all with { Pixels = 320 }, all with { Pixels = 320, Frames = 3 } }
            .Select(limits => RejectionTests.KindOf(() => limits.Check(header)))
            .ToList();

        kinds.Should().Equal(RejectionKind.TooLarge, RejectionKind.TooManyFrames, RejectionKind.TooMuchMetadata);
        RejectionTests
            .KindOf(() =>
                new DecodeLimits
                {
                    Pixels = 320,
                    Frames = 3,
                    MetadataBytes = 9,
                }.Check(header)
            )
            .Should()
            .BeNull();
    }

    [Theory]
    [InlineData(0, 0, "frame limit is 0")]
    [InlineData(DecodeLimits.MostFrames + 1, 0, "frame limit is 1,000,001")]
    [InlineData(1, -1, "metadata limit is -1")]
    [InlineData(1, DecodeLimits.MostMetadataBytes + 1, "metadata limit is 1,073,741,825")]
    public void Limits_out_of_range_are_refused(int frames, int metadata, string said)
    {
        var set = () => new DecodeLimits { Frames = frames, MetadataBytes = metadata };

        set.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*{said}*");
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(DecodeLimits.MostFrames, DecodeLimits.MostMetadataBytes)]
    public void Limits_at_the_ends_of_their_ranges_are_taken(int frames, int metadata)
    {
        var limits = new DecodeLimits { Frames = frames, MetadataBytes = metadata };

        (limits.Frames, limits.MetadataBytes).Should().Be((frames, metadata));
    }

    private static byte[] Of(string name)
    {
        using var photo = Pictures.Vips(Pictures.Photo(45, 34));
        using var frames = Pictures.Frames(20, 16);
        using var profiled = photo.Mutate(image => image.Set(GValue.BlobType, "icc-profile-data", Image.ProfileLoad("srgb")));
        using var told = photo.Mutate(image => image.Set(GValue.GStrType, "png-comment-0-Title", Noise()));
        using var described = photo.Mutate(image => image.Set(GValue.GStrType, "image-description", Noise()));
        return name switch
        {
            "tiff pages" => frames.TiffsaveBuffer(),
            "png animated" => WithChunk(Kinds.Of("png"), "acTL", [0, 0, 0, 3, 0, 0, 0, 0]),
            "jpeg comment" =>
            [
                .. Kinds.Of("jpeg 420")[..2],
                0xFF,
                0xFE,
                (TextBytes + 2) >> 8,
                (TextBytes + 2) & 0xFF,
                .. Encoding.ASCII.GetBytes(Noise()),
                .. Kinds.Of("jpeg 420")[2..],
            ],
            "jpeg profile" => profiled.JpegsaveBuffer(),
            "png text" => told.PngsaveBuffer(),
            "png profile" => profiled.PngsaveBuffer(),
            "webp profile" => profiled.WebpsaveBuffer(lossless: true),
            "gif comment" => WithComment(Kinds.Of("gif")),
            "tiff text" => described.TiffsaveBuffer(),
            "tiff profile" => profiled.TiffsaveBuffer(),
            "bmp profile" => BmpWithProfile(),
            _ => Kinds.Of(name),
        };
    }

    /// <summary>The file with its last bytes, which are pixels, made wrong: who decodes before it checks finds that first.</summary>
    private static byte[] Spoilt(byte[] bytes, string name) =>
        name.Split(' ')[0] switch
        {
            "bmp" => bytes[..^(TextBytes + 1)],
            "gif" => bytes[..^1],
            _ => bytes[..^30],
        };

    private static string Noise()
    {
        var random = new Random(5);
        return string.Concat(Enumerable.Range(0, TextBytes).Select(_ => (char)random.Next('a', 'z' + 1)));
    }

    /// <summary>The file with a comment after its colour table.</summary>
    private static byte[] WithComment(byte[] gif)
    {
        var table = 13 + (3 << ((gif[10] & 7) + 1));
        var blocks = Encoding.ASCII.GetBytes(Noise()).Chunk(250).SelectMany(block => block.Prepend((byte)block.Length));
        return [.. gif[..table], 0x21, 0xFE, .. blocks, 0, .. gif[table..]];
    }

    private static byte[] WithChunk(byte[] png, string type, byte[] data)
    {
        byte[] chunk = [.. Encoding.ASCII.GetBytes(type), .. data];
        var (size, check) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(size, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc32.HashToUInt32(chunk));
        const int AfterHeader = 8 + 25;
        return [.. png[..AfterHeader], .. size, .. chunk, .. check, .. png[AfterHeader..]];
    }

    private static byte[] BmpWithProfile()
    {
        var file = new byte[14 + 124 + 4 + TextBytes];
        "BM"u8.CopyTo(file);
        foreach (var (at, value) in new[] { (10, 138), (14, 124), (18, 1), (22, 1), (26, 1 | (24 << 16)), (126, 142), (130, TextBytes) })
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        }
        return file;
    }
}
