namespace Pipeline.Stages.Tests.Ingest;

/// <summary>Spoils good bytes, the same way for the same seed.</summary>
internal static class Mutation
{
    /// <summary>One to eight spoilings, mostly few, at the end (where a Parquet file has its metadata) as often as anywhere.</summary>
    public static byte[] Of(byte[] good, int seed)
    {
        var random = new Random(seed);
        var bytes = new List<byte>(good);
        for (var left = random.Next(1, random.Next(2, 9)); left > 0 && bytes.Count > 0; left--)
            Spoil(bytes, random);
        return [.. bytes];
    }

    private static void Spoil(List<byte> bytes, Random random)
    {
        var from = random.Next(2) == 0 ? 0 : bytes.Count * 2 / 3;
        var at = random.Next(from, bytes.Count);
        var count = Math.Min(random.Next(1, 20), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0:
                bytes.RemoveRange(at, random.Next(4) == 0 ? bytes.Count - at : count);
                break;
            case 1:
                bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - count + 1), count));
                break;
            case 2:
                for (var index = 0; index < count; index++)
                    bytes[at + index] = (byte)random.Next(256);
                break;
            case 3:
                for (var index = 0; index < Math.Min(count, 9); index++)
                    bytes[at + index] = 0xFF; // a number as large as can be
                break;
            case 4:
                bytes[at] = (byte)random.Next(256);
                break;
            default:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
        }
    }
}
