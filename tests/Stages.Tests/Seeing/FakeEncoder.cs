using System.IO.Hashing;
using System.Text;
using Pipeline.Models;
using Pipeline.Models.Images;
using Pipeline.Models.Quality;

namespace Pipeline.Stages.Tests.Seeing;

/// <summary>An image is its mean colour, a text whatever its letters come to; counts what it is asked for.</summary>
internal sealed class FakeEncoder : IImageTextEncoder
{
    public int Images { get; private set; }

    public int Texts { get; private set; }

    public string Architecture => "fake";

    public int Dimension => 4;

    public float Scale => 100;

    public int CallSize { get; set; } = 16;

    public long CutTexts => 0;

    public float[] Prepare(byte[] image)
    {
        var pixels = ImageDecoder.Decode(image).Pixels;
        return
        [
            .. Enumerable
                .Range(0, 3)
                .Select(channel =>
                {
                    var sum = 0L;
                    for (var at = channel; at < pixels.Length; at += 3)
                    {
                        sum += pixels[at];
                    }

                    return sum * 3f / pixels.Length / 255;
                }),
        ];
    }

    public IReadOnlyList<float[]> EmbedImages(IReadOnlyList<float[]> pixels, CancellationToken stop)
    {
        Images += pixels.Count;
        return [.. pixels.Select(mean => UnitLength.Of([.. mean, 0.25f]))];
    }

    public IReadOnlyList<float[]> EmbedTexts(IReadOnlyList<string> texts, CancellationToken stop)
    {
        Texts += texts.Count;
        return [.. texts.Select(Of)];
    }

    public void Dispose() { }

    private static float[] Of(string text)
    {
        var bits = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text));
        return UnitLength.Of([.. Enumerable.Range(0, 4).Select(at => (float)((bits >> (at * 16)) & 0xffff) + 1)]);
    }
}
