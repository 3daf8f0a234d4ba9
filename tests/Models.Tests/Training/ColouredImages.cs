using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

/// <summary>Noisy squares of one colour a class, made from the sample's number alone; storage order can be reversed.</summary>
internal sealed class ColouredImages(int count, int size, int classes, bool reversed = false, string name = "s") : ITrainingImages
{
    public int Count => count;

    public string Id(int index) => $"{name}{Number(index):D4}";

    public int Label(int index) => Number(index) % classes;

    public void Read(int index, Span<byte> rgb)
    {
        var random = KeyedRandom.For(1, Id(index), 0, "pixels");
        var plane = size * size;
        for (var place = 0; place < rgb.Length; place++)
        {
            var lit = place / plane == Label(index) % 3 ? 120 : 0;
            rgb[place] = (byte)(lit + random.NextInt32(100));
        }
    }

    private int Number(int index) => reversed ? count - 1 - index : index;
}
