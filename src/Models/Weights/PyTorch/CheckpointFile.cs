using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Models.Weights.PyTorch;

/// <summary>An open checkpoint: its bytes by place, its records by name.</summary>
internal sealed class CheckpointFile : IDisposable
{
    private const int PieceBytes = 1 << 20;
    private const int ShownCharacters = 200;
    private const string Pickle = "data.pkl";
    private readonly SafeFileHandle handle;
    private readonly string root;
    private readonly HashSet<string> whole = new(StringComparer.Ordinal);

    private CheckpointFile(string path, SafeFileHandle handle)
    {
        Path = path;
        this.handle = handle;
        Length = RandomAccess.GetLength(handle);
        CheckKind();
        Records = ZipDirectory.Read(this);
        root = Root();
        CheckByteOrder();
    }

    public string Path { get; }

    /// <summary>Bytes of the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>Every record by its full name.</summary>
    public IReadOnlyDictionary<string, StoredRecord> Records { get; }

    /// <summary>Opens a checkpoint and checks its directory.</summary>
    /// <exception cref="InvalidDataException">It is no zip file of torch.save; the message says what it seems to be.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static CheckpointFile Open(string path)
    {
        var opened = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            return new CheckpointFile(path, opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The pickle, at most <paramref name="most"/> bytes, after its checksum was found right.</summary>
    public byte[] ReadPickle(int most)
    {
        var record = Records[root + Pickle];
        if (record.Length > most)
        {
            throw Broken(Pickle, $"{record.Length} bytes long", $"at most {most} bytes");
        }

        CheckWhole(record);
        return Read(record.Begin, (int)record.Length);
    }

    /// <summary>The record that holds a storage.</summary>
    /// <param name="key">What the pickle calls it.</param>
    public StoredRecord Storage(string key) =>
        Records.TryGetValue($"{root}data/{key}", out var record)
            ? record
            : throw Broken($"storage {Shown(key)}", "missing", "a record of the file");

    /// <summary>Reads a record once and compares its checksum.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those that were written.</exception>
    public void CheckWhole(StoredRecord record)
    {
        if (!whole.Add(record.Name))
        {
            return;
        }

        var crc = new Crc32();
        var buffer = new byte[Math.Min(PieceBytes, record.Length)];
        for (long at = 0; at < record.Length; at += buffer.Length)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, record.Length - at));
            Fill(piece, record.Begin + at);
            crc.Append(piece);
        }

        if (crc.GetCurrentHashAsUInt32() != record.Checksum)
        {
            throw Broken(
                $"record {Shown(record.Name)}",
                string.Create(CultureInfo.InvariantCulture, $"of the checksum {crc.GetCurrentHashAsUInt32():x8}"),
                string.Create(CultureInfo.InvariantCulture, $"of {record.Checksum:x8}: it was damaged")
            );
        }
    }

    /// <summary>Bytes at any place; the caller has checked that they are in the file.</summary>
    public byte[] Read(long begin, int length)
    {
        var bytes = new byte[length];
        Fill(bytes, begin);
        return bytes;
    }

    /// <summary>Fills <paramref name="target"/> from the file.</summary>
    /// <exception cref="InvalidDataException">The file has become shorter.</exception>
    public void Fill(Span<byte> target, long begin)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(handle, target, begin);
            if (read == 0)
            {
                throw Broken("the file", $"at its end at byte {begin}", $"{target.Length} bytes longer");
            }

            target = target[read..];
            begin += read;
        }
    }

    /// <summary>The error of this file.</summary>
    public InvalidDataException Broken(string field, string found, string wanted) =>
        new(
            $"{Path}: {field} is {found}; it must be {wanted}. Nothing was written. Fetch the file again, or take the model's safetensors."
        );

    /// <summary>Text of the file as a message may show it: short and without control characters.</summary>
    public static string Shown(string text)
    {
        var shown = text.Length > ShownCharacters ? $"{text[..ShownCharacters]}…" : text;
        return string.Concat(shown.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private void CheckKind()
    {
        var first = Read(0, (int)Math.Min(Length, 4));
        if (first is [(byte)'P', (byte)'K', 3, 4])
        {
            return;
        }

        var kind = first switch
        {
            [0x80, >= 2 and <= 5, ..] => "a bare pickle, the form that torch.save had before PyTorch 1.6",
            [] => "empty",
            _ when Length > 262 && Encoding.ASCII.GetString(Read(257, 5)) == "ustar" =>
                "a tar file, the form that torch.save had before PyTorch 0.1.10",
            _ => "no zip file",
        };
        throw new InvalidDataException(
            $"{Path} is {kind}; it must be a zip file of torch.save (PyTorch 1.6 or later). Nothing was written. "
                + "Take the model's safetensors, or let its publisher save it again with a newer PyTorch."
        );
    }

    /// <summary>The folder within the zip file, which torch.save names after the file, with its slash.</summary>
    private string Root()
    {
        string[] pickles =
        [
            .. Records.Keys.Where(name =>
                name.EndsWith($"/{Pickle}", StringComparison.Ordinal)
                && name.IndexOf('/', StringComparison.Ordinal) == name.Length - Pickle.Length - 1
            ),
        ];
        if (pickles.Length != 1)
        {
            throw Broken("the zip file", $"one with {pickles.Length} records FOLDER/{Pickle}", "one with one, as torch.save writes it");
        }

        var folder = pickles[0][..^Pickle.Length];
        return Records.ContainsKey($"{folder}constants.pkl")
            ? throw new InvalidDataException(
                $"{Path} is a TorchScript archive, a program with its weights; it must be a file of weights alone. Nothing was written. "
                    + "Take the model's safetensors, or another repository's."
            )
            : folder;
    }

    private void CheckByteOrder()
    {
        if (Records.TryGetValue($"{root}byteorder", out var record))
        {
            var order = Encoding.Latin1.GetString(Read(record.Begin, (int)Math.Min(record.Length, 16)));
            if (order != "little")
            {
                throw Broken("byteorder", Shown(order), "little");
            }
        }
    }
}
