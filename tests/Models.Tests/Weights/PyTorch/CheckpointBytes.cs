using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

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

    /// <summary>The same with every 32-bit size and offset full and the real ones in 64 bits, as in files above 4 GiB.</summary>
    public static byte[] Wide(IEnumerable<(string Name, byte[] Bytes)> records, long shift = 0)
    {
        using var stream = new MemoryStream();
        using var zip = new BinaryWriter(stream);
        using var directory = new MemoryStream();
        using var list = new BinaryWriter(directory);
        var count = 0L;
        foreach (var (name, bytes) in records)
        {
            var (header, crc, raw) = (stream.Position, Crc32.HashToUInt32(bytes), Encoding.ASCII.GetBytes(name));
            zip.Write([.. "PK\u0003\u0004"u8, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            WriteSizes(zip, crc, raw, extra: 0);
            zip.Write([.. raw, .. bytes]);
            list.Write([.. "PK\u0001\u0002"u8, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            WriteSizes(list, crc, raw, extra: 28);
            list.Write(new byte[10]);
            list.Write(uint.MaxValue);
            list.Write([.. raw, 1, 0, 24, 0]);
            list.Write((long)bytes.Length);
            list.Write((long)bytes.Length);
            list.Write(header + shift);
            count++;
        }

        var begin = stream.Position;
        zip.Write(directory.ToArray());
        var end = stream.Position;
        zip.Write([.. "PK\u0006\u0006"u8, 44, 0, 0, 0, 0, 0, 0, 0, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        foreach (var number in new[] { count, count, end - begin, begin })
        {
            zip.Write(number);
        }

        zip.Write([.. "PK\u0006\u0007"u8, 0, 0, 0, 0]);
        zip.Write(end);
        zip.Write([1, 0, 0, 0, .. "PK\u0005\u0006"u8, 0, 0, 0, 0, .. Enumerable.Repeat((byte)0xff, 12), 0, 0]);
        return stream.ToArray();
    }

    private static void WriteSizes(BinaryWriter writer, uint crc, byte[] name, short extra)
    {
        writer.Write(crc);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write((short)name.Length);
        writer.Write(extra);
    }
}
