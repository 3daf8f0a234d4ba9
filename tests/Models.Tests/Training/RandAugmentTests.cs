using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

public sealed class RandAugmentTests
{
    [Fact]
    public void Translation_moves_by_whole_pixels_and_leaves_black()
    {
        // 150/331 of 8 pixels at 9 of 30 is 1.09: one pixel.
        var (right, down) = (Ramp(8), Ramp(8));

        RandAugment.Apply(right, 8, kind: 3, sign: 1);
        RandAugment.Apply(down, 8, kind: 4, sign: -1);

        right[..3].Should().Equal(0, 1, 2);
        right[8..11].Should().Equal(0, 9, 10);
        down[..2].Should().Equal(9, 10);
        down[56..64].Should().AllBeEquivalentTo((byte)0);
    }

    [Fact]
    public void Shear_turns_about_the_upper_left_corner()
    {
        const int size = 40;
        var planes = new byte[3 * size * size];
        for (var place = 0; place < planes.Length; place++)
        {
            planes[place] = (byte)(1 + place % size);
        }

        RandAugment.Apply(planes, size, kind: 1, sign: 1);

        // Tangent 0.09: the first row moves by 0.045, the last by 3.555 pixels, to the nearest whole one.
        planes[..3].Should().Equal(1, 2, 3);
        planes[((size - 1) * size)..(size * size)].Should().StartWith([5, 6, 7]).And.EndWith([40, 0, 0, 0, 0]);
    }

    [Fact]
    public void A_warp_by_a_right_angle_turns_counter_clockwise()
    {
        byte[] square = [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4];

        PixelPlanes.Warp(square, 2, 0, -1, 0, 1, 0, 0);

        square[..4].Should().Equal(2, 4, 1, 3);
    }

    [Fact]
    public void Point_operations_follow_torchvisions_arithmetic()
    {
        var (bright, poster, solar, colour, contrast) = (Values(), Values(), Values(), Values(), Values());

        RandAugment.Apply(bright, 2, kind: 6, sign: 1);
        RandAugment.Apply(poster, 2, kind: 10, sign: 1);
        RandAugment.Apply(solar, 2, kind: 11, sign: 1);
        RandAugment.Apply(colour, 2, kind: 7, sign: -1);
        RandAugment.Apply(contrast, 2, kind: 8, sign: -1);

        bright[..4].Should().Equal(0, 125, 226, 255);
        poster[..4].Should().Equal(0, 98, 178, 254);
        solar[..4].Should().Equal(0, 99, 178, 0);
        colour[..4].Should().Equal(0, 98, 177, 254);
        contrast[..4].Should().Equal(35, 107, 165, 221);
    }

    [Fact]
    public void Autocontrast_and_equalize_stretch_each_plane()
    {
        var (stretched, evened) = (
            Values(10, 20, 30, 60),
            Enumerable.Repeat((byte)7, 1024).Concat(Enumerable.Repeat((byte)9, 1024)).ToArray()
        );

        PixelPlanes.AutoContrast(stretched);
        var planes = new byte[3 * 2048];
        evened.CopyTo(planes, 0);
        PixelPlanes.Equalize(planes);

        stretched[..4].Should().Equal(0, 51, 102, 255);
        planes[0].Should().Be(0);
        planes[2047].Should().Be(255);
        planes[2048..].Should().AllBeEquivalentTo((byte)0);
    }

    [Fact]
    public void Sharpening_leaves_the_rim_and_follows_the_kernel()
    {
        var planes = new byte[27];
        planes[4] = 130;

        PixelPlanes.Sharpness(planes, 3, 0);

        planes[..9].Should().Equal(0, 0, 0, 0, 50, 0, 0, 0, 0);
    }

    [Fact]
    public void Every_kind_of_operation_keeps_the_size_and_is_repeated_by_its_key()
    {
        for (var pass = 0; pass < 200; pass++)
        {
            var (one, other) = (Ramp(16), Ramp(16));

            RandAugment.Apply(one, 16, KeyedRandom.For(1, "x", pass, "randaugment"));
            RandAugment.Apply(other, 16, KeyedRandom.For(1, "x", pass, "randaugment"));

            other.Should().Equal(one);
        }
    }

    private static byte[] Ramp(int size) =>
        [.. Enumerable.Range(0, 3 * size * size).Select(place => (byte)(1 + place % (size * size) % 255))];

    private static byte[] Values(byte a = 0, byte b = 99, byte c = 178, byte d = 255) => [a, b, c, d, a, b, c, d, a, b, c, d];
}
