using System.IO.Compression;

namespace Pipeline.Models.Tests.Weights.PyTorch;

/// <summary>Puts a pickle and its storages into a zip file as torch.save does.</summary>
internal static class CheckpointBytes
{
    /// <summary>The checkpoint of a pickle and of storages 0, 1, 2, …</summary>
    public static byte[] Of(byte[] pickle, params byte[][] storages) =>
        Zip([
            ("archive/data.pkl", pickle),
            .. storages.Select((bytes, index) => ($"archive/data/{index}", bytes)),
            ("archive/version", "3\n"u8.ToArray()),
        ]);

    public static byte[] Zip(IEnumerable<(string Name, byte[] Bytes)> records, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in records)
            {
                using var record = zip.CreateEntry(name, level).Open();
                record.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    /// <summary>float32 values 0, 1, 2, … as a storage.</summary>
    public static byte[] Singles(int count) => [.. Enumerable.Range(0, count).SelectMany(value => BitConverter.GetBytes((float)value))];
}
