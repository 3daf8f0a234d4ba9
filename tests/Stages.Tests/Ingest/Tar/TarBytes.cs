using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Pipeline.Stages.Tests.Ingest.Tar;

/// <summary>A tar written byte by byte, so that it may be wrong in any way.</summary>
internal sealed class TarBytes
{
    private readonly List<byte> bytes = [];

    /// <summary>Bytes so far.</summary>
    public int Length => bytes.Count;

    /// <summary>A member with its body; the size in the header may be another.</summary>
    public TarBytes With(string name, byte[]? body = null, char type = '0', Action<byte[]>? change = null)
    {
        body ??= [];
        var header = new byte[512];
        Encoding.UTF8.GetBytes(name).AsSpan().CopyTo(header);
        Encoding.ASCII.GetBytes("0000644\0" + "0000000\0" + "0000000\0").CopyTo(header, 100);
        Encoding
            .ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Convert.ToString(body.Length, 8).PadLeft(11, '0')}\0"))
            .CopyTo(header, 124);
        Encoding.ASCII.GetBytes("14000000000\0").CopyTo(header, 136);
        header[156] = (byte)type;
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        change?.Invoke(header);
        Sum(header);
        return Raw(header).Raw(body).Raw(new byte[(512 - (body.Length % 512)) % 512]);
    }

    public TarBytes With(string name, string body) => With(name, Encoding.UTF8.GetBytes(body));

    /// <summary>An image, and its class if it has one.</summary>
    public TarBytes Sample(string key, string? label = "a", byte grey = 9)
    {
        With($"{key}.png", InputFolder.Png(grey: grey));
        return label is null ? this : With($"{key}.cls", label);
    }

    /// <summary>Attributes for the member after them.</summary>
    public TarBytes Pax(string key, string value, char type = 'x')
    {
        var rest = Encoding.UTF8.GetByteCount($" {key}={value}\n");
        var length = rest + 1;
        while (length != rest + length.ToString(CultureInfo.InvariantCulture).Length)
            length++;
        return With("PaxHeaders/x", Encoding.UTF8.GetBytes($"{length} {key}={value}\n"), type);
    }

    public TarBytes Raw(byte[] block)
    {
        bytes.AddRange(block);
        return this;
    }

    /// <summary>The tar without the blocks that end it.</summary>
    public byte[] Open() => [.. bytes];

    /// <summary>The whole tar.</summary>
    public byte[] Whole() => [.. bytes, .. new byte[1024]];

    public static byte[] Packed(byte[] tar)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(tar);
        return packed.ToArray();
    }

    /// <summary>Writes the checksum of a header.</summary>
    public static void Sum(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = header.Sum(one => one);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }
}
