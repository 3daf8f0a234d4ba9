using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Pipeline.Models.Images;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Train;

/// <summary>The file of a <see cref="PixelCache"/>: a 64-byte header, one slot of planes for each image, and the rejected images as JSON.</summary>
/// <remarks>Header, little-endian: 8 bytes of magic, 16 bytes of hash over ids and form, 8 bytes of the JSON's length. A rejected image's slot is zeros.</remarks>
internal static class PixelFile
{
    private const int HeaderBytes = 64;
    private const int HashBytes = 16;
    private const int MostRejectionBytes = 1 << 30;

    private static ReadOnlySpan<byte> Magic => "PIPEPIX1"u8;

    /// <summary>Where the slot of an image begins.</summary>
    public static long Offset(long index, int imageSize) => HeaderBytes + index * 3 * imageSize * imageSize;

    /// <summary>What the file's content is determined by; an id and how it was made stand for an image's bytes.</summary>
    /// <exception cref="InvalidDataException">An id comes twice.</exception>
    public static byte[] Hash(IReadOnlyList<TrainingSample> samples, PixelForm form)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var hash = new XxHash128();
        hash.Append(BitConverter.GetBytes(form.Side));
        hash.Append(BitConverter.GetBytes((int)form.Resize));
        foreach (var sample in samples)
        {
            if (!seen.Add(sample.Id))
            {
                throw new InvalidDataException($"Sample id {sample.Id} comes twice; every id must be there once. Remove one of the two.");
            }

            hash.Append(Encoding.UTF8.GetBytes($"{sample.Id}\t{sample.Made}\n"));
        }

        return hash.GetCurrentHash();
    }

    /// <summary>The rejected images of a whole file of this hash; null if there is none.</summary>
    public static IReadOnlyList<RejectedSample>? TryRead(string path, byte[] hash, int count, int imageSize)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = File.OpenHandle(path);
        var header = new byte[HeaderBytes];
        var length = RandomAccess.GetLength(file);
        var end = Offset(count, imageSize);
        if (length < end || RandomAccess.Read(file, header, 0) != HeaderBytes || !header.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            return null;
        }

        var rejectionBytes = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(Magic.Length + HashBytes));
        var matches = header.AsSpan(Magic.Length, HashBytes).SequenceEqual(hash);
        if (!matches || rejectionBytes is < 0 or > MostRejectionBytes || length != end + rejectionBytes)
        {
            return null;
        }

        var json = new byte[rejectionBytes];
        RandomAccess.Read(file, json, end);
        return JsonSerializer.Deserialize<RejectedSample[]>(json);
    }

    /// <summary>Decodes every image into a file under a partial name, then renames it.</summary>
    public static async Task<IReadOnlyList<RejectedSample>> WriteAsync(
        string path,
        byte[] hash,
        IReadOnlyList<TrainingSample> samples,
        PixelForm form,
        int workers,
        CancellationToken stop
    )
    {
        var partial = path + ".partial";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".");
        RejectedSample[] rejected;
        using (var file = File.OpenHandle(partial, FileMode.Create, FileAccess.Write))
        {
            rejected = await DecodeAsync(file, samples, form, workers, stop);
            var json = JsonSerializer.SerializeToUtf8Bytes(rejected);
            RandomAccess.Write(file, json, Offset(samples.Count, form.Side));
            var header = new byte[HeaderBytes];
            Magic.CopyTo(header);
            hash.CopyTo(header, Magic.Length);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(Magic.Length + HashBytes), json.Length);
            RandomAccess.Write(file, header, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(partial, path, overwrite: true);
        return rejected;
    }

    private static async Task<RejectedSample[]> DecodeAsync(
        SafeFileHandle file,
        IReadOnlyList<TrainingSample> samples,
        PixelForm form,
        int workers,
        CancellationToken stop
    )
    {
        var rejected = new ConcurrentDictionary<int, RejectedSample>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, samples.Count),
            new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = stop },
            async (index, cancel) =>
            {
                var bytes = await samples[index].Load(cancel);
                try
                {
                    var image = ImageDecoder.DecodeToSize(bytes.Span, form.Side, form.Side, form.Resize);
                    RandomAccess.Write(file, Planar.Of(image), Offset(index, form.Side));
                }
                catch (ImageRejectedException error)
                {
                    rejected[index] = new RejectedSample(samples[index].Id, error.Kind, error.Message);
                }
            }
        );
        return [.. rejected.OrderBy(item => item.Key).Select(item => item.Value)];
    }
}
