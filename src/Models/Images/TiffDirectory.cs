using System.Buffers.Binary;

namespace Pipeline.Models.Images;

/// <summary>The first directory of a TIFF structure: a TIFF file, or an EXIF block, which has the same layout (TIFF 6.0, section 2).</summary>
internal readonly ref struct TiffDirectory
{
    private const int WidthTag = 0x0100;
    private const int HeightTag = 0x0101;
    private const int OrientationTag = 0x0112;

    /// <summary>Texts, XMP, IPTC, Photoshop's blocks and the colour profile.</summary>
    private static readonly int[] s_metadataTags = [270, 305, 306, 315, 316, 33432, 700, 33723, 34377, 34675];

    /// <summary>Bytes of a value by its type, from 1 on (TIFF 6.0, section 2).</summary>
    private static readonly int[] s_typeBytes = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly bool _bigEndian;
    private readonly long _entries;
    private readonly int _count;

    private TiffDirectory(ReadOnlySpan<byte> bytes, bool bigEndian, long? at = null)
    {
        _bytes = bytes;
        _bigEndian = bigEndian;
        var start = at ?? Number(4, 4) ?? 0;
        _count = (int)(Number(start, 2) ?? 0);
        _entries = start + 2;
    }

    /// <summary>The header of a TIFF file.</summary>
    /// <exception cref="ImageRejectedException">The first directory is cut or lacks a size.</exception>
    public static ImageHeader ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var directory = new TiffDirectory(bytes, bytes[0] == 'M');
        var width = directory.Find(WidthTag);
        var height = directory.Find(HeightTag);
        if (width is null or > int.MaxValue || height is null or > int.MaxValue)
        {
            var cut = directory._entries + (directory._count * 12L) > bytes.Length || bytes.Length < 8;
            throw cut
                ? ImageRejectedException.Truncated($"The TIFF ends after {bytes.Length:N0} bytes, before its first directory does.")
                : ImageRejectedException.Corrupt("The TIFF's first directory names no width and height; both are wanted.");
        }
        return new ImageHeader(ImageFormat.Tiff, (int)width, (int)height, directory.Orientation)
        {
            Frames = CountPages(bytes, directory),
            MetadataBytes = directory.MetadataBytes(),
        };
    }

    /// <summary>The orientation in an EXIF block (from its byte-order mark on); 1 where the block is malformed.</summary>
    public static int ReadOrientation(ReadOnlySpan<byte> exif) =>
        exif.StartsWith("II*\0"u8) ? new TiffDirectory(exif, bigEndian: false).Orientation
        : exif.StartsWith("MM\0*"u8) ? new TiffDirectory(exif, bigEndian: true).Orientation
        : 1;

    private int Orientation => Find(OrientationTag) is >= 1 and <= 8 and var value ? (int)value : 1;

    /// <summary>Where the next page's directory is; 0 after the last.</summary>
    private long Next => Number(_entries + (_count * 12L), 4) ?? 0;

    /// <summary>Directories in the chain, at most one above the highest limit: a chain may lead back into itself.</summary>
    private static long CountPages(ReadOnlySpan<byte> bytes, TiffDirectory first)
    {
        var pages = 1L;
        for (var at = first.Next; at != 0 && pages <= DecodeLimits.MostFrames; pages++)
        {
            at = new TiffDirectory(bytes, first._bigEndian, at).Next;
        }
        return pages;
    }

    private long MetadataBytes()
    {
        var sum = 0L;
        for (var index = 0; index < _count; index++)
        {
            var entry = _entries + (index * 12L);
            if (Number(entry, 2) is not { } tag || Number(entry + 2, 2) is not { } type || Number(entry + 4, 4) is not { } count)
            {
                break;
            }
            sum +=
                Array.IndexOf(s_metadataTags, (int)tag) >= 0 && type >= 1 && type <= s_typeBytes.Length ? count * s_typeBytes[type - 1] : 0;
        }
        return sum;
    }

    /// <summary>The value of a tag with one 16-bit or 32-bit number; null where it is missing, cut or of another type.</summary>
    private long? Find(int tag)
    {
        for (var index = 0; index < _count; index++)
        {
            var entry = _entries + (index * 12L);
            if (Number(entry, 2) is not { } found)
            {
                return null;
            }
            if (found == tag)
            {
                return (Number(entry + 2, 2), Number(entry + 4, 4)) switch
                {
                    (3, 1) => Number(entry + 8, 2),
                    (4, 1) => Number(entry + 8, 4),
                    _ => null,
                };
            }
        }
        return null;
    }

    private long? Number(long at, int size)
    {
        if (at + size > _bytes.Length)
        {
            return null;
        }
        var field = _bytes.Slice((int)at, size);
        return (size, _bigEndian) switch
        {
            (2, true) => BinaryPrimitives.ReadUInt16BigEndian(field),
            (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(field),
            (_, true) => BinaryPrimitives.ReadUInt32BigEndian(field),
            _ => BinaryPrimitives.ReadUInt32LittleEndian(field),
        };
    }
}
