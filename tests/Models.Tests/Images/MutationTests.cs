using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class MutationTests
{
    private static readonly DecodeLimits s_limits = new() { Pixels = 1_000_000 };

    [Fact]
    public void Two_thousand_damaged_files_end_as_an_image_or_a_rejection() => Decode(seed: 11, files: 2_000);

    [Fact]
    [Trait("Form", "Long")]
    public void Twenty_thousand_damaged_files_end_as_an_image_or_a_rejection() => Decode(seed: 12, files: 20_000);

    private static void Decode(int seed, int files)
    {
        var random = new Random(seed);
        var (images, rejections) = (0, 0);

        for (var file = 0; file < files; file++)
        {
            var bytes = Damage(random, Pictures.Kinds[file % Pictures.Kinds.Count].Bytes);
            try
            {
                var image = file % 2 == 0 ? ImageDecoder.Decode(bytes, s_limits) : ImageDecoder.DecodeToSize(bytes, 24, 24, s_limits);
                image.Pixels.Should().HaveCount(image.Width * image.Height * 3);
                images++;
            }
            catch (ImageRejectedException)
            {
                rejections++;
            }
        }

        (images + rejections).Should().Be(files);
        images.Should().BeGreaterThan(files / 20);
        rejections.Should().BeGreaterThan(files / 20);
    }

    /// <summary>One to eight changes, half of them among the first 64 bytes: a bit, a byte, a cut, a doubled or a removed piece.</summary>
    private static byte[] Damage(Random random, byte[] whole)
    {
        var bytes = whole.ToList();
        for (var change = random.Next(1, 9); change > 0 && bytes.Count > 1; change--)
        {
            var at = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Count) : bytes.Count);
            var length = Math.Min(random.Next(1, 20), bytes.Count - at);
            switch (random.Next(12))
            {
                case 0:
                    bytes.RemoveRange(Math.Max(at, 1), bytes.Count - Math.Max(at, 1));
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case < 7:
                    bytes[at] = (byte)random.Next(256);
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return [.. bytes];
    }
}
