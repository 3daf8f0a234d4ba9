using Pipeline.Models.Images;

namespace Pipeline.Models.Clip;

/// <summary>How an image is decoded for a model.</summary>
public enum ClipPixels
{
    /// <summary>Decoded at full size, then resized as Pillow does, to the bit.</summary>
    Exact,

    /// <summary>
    /// JPEG is decoded at the smallest of 1, 2, 4 and 8 eighths that is at least 1.4 times the wanted size. Other formats as <see cref="Exact"/>. Pixels have a cosine
    /// to the exact ones of 0.997 or more on the sample images; at 1.0 times it was 0.990.
    /// </summary>
    Fast,
}

/// <summary>An image as transformers' <c>CLIPImageProcessor</c> prepares it: short side to size, centre crop, scale, mean and deviation.</summary>
/// <remarks>
/// Held to transformers 4.32 <c>image_processing_clip.py</c> and <c>image_transforms.py</c> (Apache-2.0), in their order of operations and in their types: scaling in
/// float64, rounded to float32, then mean and deviation in float32. A byte has one result, so each channel is a table of 256.
/// </remarks>
public sealed class ClipPreprocessing
{
    /// <summary>The file beside the weights.</summary>
    public const string FileName = "preprocessor_config.json";

    /// <summary>Mean of red, green and blue on the scale 0 to 1 (openai/CLIP).</summary>
    private static readonly float[] ClipMean = [0.48145466f, 0.4578275f, 0.40821073f];

    /// <summary>Standard deviation of red, green and blue on the scale 0 to 1 (openai/CLIP).</summary>
    private static readonly float[] ClipDeviation = [0.26862954f, 0.26130258f, 0.27577711f];

    private const int MostSide = 4096;

    /// <summary>Fields that change nothing here: images are RGB once they are decoded.</summary>
    private static readonly string[] Neutral =
    [
        "do_convert_rgb",
        "feature_extractor_type",
        "image_processor_type",
        "processor_class",
        "auto_map",
        "data_format",
        "input_data_format",
        "return_tensors",
        "device",
    ];

    private static readonly string[] Known =
    [
        "do_resize",
        "size",
        "resample",
        "do_center_crop",
        "crop_size",
        "do_rescale",
        "rescale_factor",
        "do_normalize",
        "image_mean",
        "image_std",
    ];

    private readonly int? shortSide;
    private readonly bool isResized;
    private readonly bool isCropped;
    private readonly PillowFilter filter;
    private readonly float[][] tables;

    private ClipPreprocessing(ConfigObject? config, int size)
    {
        Size = size;
        isResized = config?.Flag("do_resize", true) ?? true;
        isCropped = config?.Flag("do_center_crop", true) ?? true;
        filter = config?.Whole("resample", 3, 0, 5) switch
        {
            null or 3 => PillowFilter.Bicubic,
            2 => PillowFilter.Bilinear,
            var other => throw config.Wrong("resample", $"{other}", "2 (bilinear) or 3 (bicubic)"),
        };
        shortSide = isResized ? ShortSide(config, size, isCropped) : null;
        if (isCropped && config is not null)
        {
            CheckCrop(config, size);
        }

        var factor = config?.Flag("do_rescale", true) ?? true ? config?.Number("rescale_factor", 1 / 255.0) ?? (1 / 255.0) : 1.0;
        var isNormalised = config?.Flag("do_normalize", true) ?? true;
        var mean = config?.Numbers("image_mean", 3, ClipMean) ?? ClipMean;
        var deviation = config?.Numbers("image_std", 3, ClipDeviation) ?? ClipDeviation;
        if (Array.Exists(deviation, value => value <= 0))
        {
            throw new InvalidDataException(
                $"{config?.Path}: image_std has {deviation.Min()}; each must be over 0. Take the file that was published with the model."
            );
        }

        tables = [.. Enumerable.Range(0, 3).Select(channel => Table(factor, isNormalised, mean[channel], deviation[channel]))];
    }

    /// <summary>Pixels of the result's sides.</summary>
    public int Size { get; }

    /// <summary>OpenAI's values for a model that takes <paramref name="size"/> × <paramref name="size"/> pixels.</summary>
    public static ClipPreprocessing Default(int size) => new(null, size);

    /// <summary>Reads <c>preprocessor_config.json</c>.</summary>
    /// <param name="path">The file; both forms, sizes as numbers and as objects, are read.</param>
    /// <param name="size">Pixels of the sides that the model takes; the file must lead there.</param>
    /// <exception cref="InvalidDataException">The file is missing or broken, leads to another size, or has a field that would change the result and is not known.</exception>
    public static ClipPreprocessing Read(string path, int size)
    {
        var config = ConfigObject.Read(path);
        foreach (var name in config.Names.Where(name => !Known.Contains(name) && !Neutral.Contains(name) && !name.StartsWith('_')))
        {
            if (config.Raw(name)?.GetRawText() is var text && text is not "false")
            {
                throw config.Wrong(
                    name,
                    $"{text}",
                    "absent: this field is not known and may change the result",
                    "Delete it if it does not."
                );
            }
        }

        return new ClipPreprocessing(config, size);
    }

    /// <summary>Decodes and prepares one encoded image: <c>[3, <see cref="Size"/>, <see cref="Size"/>] float32</c>, RGB. On the calling thread alone.</summary>
    /// <exception cref="ImageRejectedException">The bytes are not taken as an image; says why.</exception>
    public float[] Prepare(byte[] image, ClipPixels pixels = ClipPixels.Exact)
    {
        if (pixels == ClipPixels.Exact || shortSide is not { } side)
        {
            return Apply(ImageDecoder.Decode(image));
        }

        var (scaled, width, height) = ImageDecoder.DecodeScaled(image, (side * 7 + 4) / 5);
        return Apply(scaled, width, height);
    }

    /// <summary>Prepares a decoded image: <c>[3, <see cref="Size"/>, <see cref="Size"/>] float32</c>, RGB.</summary>
    public float[] Apply(RgbImage image) => Apply(image, image.Width, image.Height);

    /// <summary>Prepares an image that is a smaller copy of one of <paramref name="originalWidth"/> × <paramref name="originalHeight"/>, whose shape rules.</summary>
    private float[] Apply(RgbImage image, int originalWidth, int originalHeight)
    {
        var (width, height) =
            !isResized ? (image.Width, image.Height)
            : shortSide is { } side ? Resized(originalWidth, originalHeight, side)
            : (Size, Size);
        if (!isCropped && (width != Size || height != Size))
        {
            throw ImageRejectedException.Unsupported(
                $"The image is {width} × {height} and this model's preprocessing neither resizes nor crops; it must be {Size} × {Size}."
            );
        }

        // The reference pads an image that is smaller than the crop with zeros, one more before it than after where the margin is odd.
        var (left, top) = (Math.Max(0, (width - Size) / 2), Math.Max(0, (height - Size) / 2));
        var window = new PixelWindow(left, top, Math.Min(Size, width), Math.Min(Size, height));
        var part = PillowResize.Window(image, width, height, window, filter, ResizeKernelChoice.Best);
        return Planes(part, (Size - window.Width + 1) / 2, (Size - window.Height + 1) / 2);
    }

    /// <summary>The short side to <paramref name="side"/>, the long one in proportion and rounded down (<c>get_resize_output_image_size</c>).</summary>
    internal static (int Width, int Height) Resized(int width, int height, int side) =>
        width <= height ? (side, checked((int)((long)side * height / width))) : (checked((int)((long)side * width / height)), side);

    private float[] Planes(RgbImage part, int left, int top)
    {
        var planes = GC.AllocateUninitializedArray<float>(3 * Size * Size);
        var isWhole = part.Width == Size && part.Height == Size;
        for (var channel = 0; channel < 3; channel++)
        {
            var plane = planes.AsSpan(channel * Size * Size, Size * Size);
            ReadOnlySpan<float> table = tables[channel];
            if (!isWhole)
            {
                plane.Fill(table[0]);
            }

            for (var row = 0; row < part.Height; row++)
            {
                var target = plane.Slice(((row + top) * Size) + left, part.Width);
                var source = part.Pixels.AsSpan(row * part.Width * 3, part.Width * 3);
                for (int column = 0, place = channel; column < target.Length; column++, place += 3)
                {
                    target[column] = table[source[place]];
                }
            }
        }

        return planes;
    }

    private static float[] Table(double factor, bool isNormalised, float mean, float deviation)
    {
        var table = new float[256];
        for (var value = 0; value < table.Length; value++)
        {
            var scaled = (float)(value * factor);
            table[value] = isNormalised ? (scaled - mean) / deviation : scaled;
        }

        return table;
    }

    /// <summary>Pixels of the short side; null where both sides are set.</summary>
    private static int? ShortSide(ConfigObject? config, int size, bool isCropped)
    {
        if (config?.Raw("size") is not { } raw)
        {
            return config is null ? size : 224;
        }

        if (raw.ValueKind == System.Text.Json.JsonValueKind.Number)
        {
            return config.Whole("size", null, 1, MostSide);
        }

        var both = config.Object("size") ?? throw config.Wrong("size", "null", "a number or an object");
        if (both.Has("shortest_edge"))
        {
            return both.Whole("shortest_edge", null, 1, MostSide);
        }

        var (width, height) = (both.Whole("width", null, 1, MostSide), both.Whole("height", null, 1, MostSide));
        return width == size && height == size
            ? null
            : throw config.Wrong(
                "size",
                $"{width} × {height}",
                $"{size} × {size}, or a short side{(isCropped ? " to crop from" : "")}, for this model"
            );
    }

    private static void CheckCrop(ConfigObject config, int size)
    {
        var raw = config.Raw("crop_size");
        var (width, height) = raw switch
        {
            null => (224, 224),
            { ValueKind: System.Text.Json.JsonValueKind.Number } when config.Whole("crop_size", null, 1, MostSide) is var side => (
                side,
                side
            ),
            _ => config.Object("crop_size") is { } both
                ? (both.Whole("width", null, 1, MostSide), both.Whole("height", null, 1, MostSide))
                : (0, 0),
        };
        if (width != size || height != size)
        {
            throw config.Wrong("crop_size", $"{width} × {height}", $"{size} × {size}, which config.json's image_size wants");
        }
    }
}
