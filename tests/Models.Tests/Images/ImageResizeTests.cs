using CsCheck;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class ImageResizeTests
{
    private static readonly Gen<(int From, int FromRows, int To, int ToRows, int Seed)> s_sizes = Gen.Select(
        Gen.Int[1, 70],
        Gen.Int[1, 70],
        Gen.Int[1, 70],
        Gen.Int[1, 70],
        Gen.Int[0, 1000]
    );

    [Fact]
    public void Vector_and_scalar_code_give_equal_images() =>
        s_sizes.Sample(
            size =>
            {
                var source = Noise(size.From, size.FromRows, size.Seed);

                var (plain, vectored) = (
                    Resize(source, size.To, size.ToRows, ResizeKernels.Scalar),
                    Resize(source, size.To, size.ToRows, ResizeKernelChoice.Best)
                );

                plain.Should().Equal(vectored);
            },
            iter: 300,
            seed: "0000KOIPqvB1"
        );

    [Fact]
    public void Vector_and_scalar_code_give_equal_planes_and_colours() =>
        s_sizes.Sample(
            size =>
            {
                var source = Noise(size.From * 3, size.FromRows, size.Seed);

                var (plain, vectored) = (
                    Planes(source, size.To, size.ToRows, ResizeKernels.Scalar),
                    Planes(source, size.To, size.ToRows, ResizeKernelChoice.Best)
                );

                plain.Should().Equal(vectored);
            },
            iter: 300,
            seed: "0000KOIPqvB1"
        );

    [Fact]
    public void Result_is_within_one_grey_level_of_the_formula() =>
        s_sizes.Sample(
            size =>
            {
                var source = Noise(size.From, size.FromRows, size.Seed);

                var resized = ImageResize.To(source, size.To, size.ToRows);

                var exact = Formula(source, size.To, size.ToRows);
                resized.Pixels.Zip(exact, (made, wanted) => Math.Abs(made - wanted)).Max().Should().BeLessThan(0.7);
            },
            iter: 60,
            seed: "0000KOIPqvB1"
        );

    [Fact]
    public void Uniform_images_stay_uniform() =>
        s_sizes.Sample(
            size =>
            {
                var value = (byte)(size.Seed % 256);
                var source = Pictures.Uniform(size.From, size.FromRows, value, 0, 255);

                var resized = ImageResize.To(source, size.To, size.ToRows);

                resized.Pixels.Should().Equal(Pictures.Uniform(size.To, size.ToRows, value, 0, 255).Pixels);
            },
            iter: 100,
            seed: "0000KOIPqvB1"
        );

    [Fact]
    public void The_same_size_gives_the_same_pixels()
    {
        var photo = Pictures.Photo(33, 21);

        var resized = Resize(photo, 33, 21, ResizeKernelChoice.Best);

        resized.Should().Equal(photo.Pixels);
    }

    [Fact]
    public void Halving_weighs_eighths()
    {
        var source = new RgbImage(4, 1, [.. Enumerable.Repeat((byte)0, 6), .. Enumerable.Repeat((byte)240, 6)]);

        var halved = ImageResize.To(source, 2, 1);

        halved.Pixels.Should().Equal(34, 34, 34, 206, 206, 206);
    }

    private static RgbImage Noise(int width, int height, int seed)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    private static byte[] Resize(RgbImage source, int width, int height, ResizeKernels kernels)
    {
        var pixels = new byte[width * height * 3];
        ImageResize.To(source, source.Width, source.Height, width, height, pixels, kernels);
        return pixels;
    }

    /// <summary>The bytes taken as three planes one beside the other, resized and turned from YCbCr to RGB.</summary>
    private static byte[] Planes(RgbImage source, int width, int height, ResizeKernels kernels)
    {
        var third = source.Width / 3;
        var length = PlanePadding.Stride(width) * height;
        var planes = new short[length * 3];
        for (var plane = 0; plane < 3; plane++)
        {
            var rows = new ByteRows(source.Pixels.AsSpan(plane * third), source.Width * 3, third);
            PlaneResize.To(
                rows,
                ResizeAxis.Of(third, third, width),
                ResizeAxis.Of(source.Height, source.Height - 0.25, height),
                planes.AsSpan(plane * length, length),
                kernels
            );
        }
        var pixels = new byte[width * height * 3];
        YccToRgb.Convert(planes, 3, width, height, pixels, kernels);
        return pixels;
    }

    private static double[] Formula(RgbImage source, int width, int height)
    {
        var (columns, rows) = (Weights(source.Width, width), Weights(source.Height, height));
        return
        [
            .. from y in Enumerable.Range(0, height)
            from x in Enumerable.Range(0, width)
            from channel in Enumerable.Range(0, 3)
            select rows[y]
                .Sum(row =>
                    columns[x]
                        .Sum(column => row.Weight * column.Weight * source.Pixels[(((row.At * source.Width) + column.At) * 3) + channel])
                ),
        ];
    }

    private static (int At, double Weight)[][] Weights(int source, int target)
    {
        var scale = (double)source / target;
        var reach = Math.Max(1, scale);
        return
        [
            .. Enumerable
                .Range(0, target)
                .Select(index =>
                {
                    var near = Enumerable
                        .Range(0, source)
                        .Select(at => (At: at, Weight: 1 - (Math.Abs(at + 0.5 - ((index + 0.5) * scale)) / reach)))
                        .Where(tap => tap.Weight > 0)
                        .ToArray();
                    var sum = near.Sum(tap => tap.Weight);
                    return near.Select(tap => (tap.At, tap.Weight / sum)).ToArray();
                }),
        ];
    }
}
