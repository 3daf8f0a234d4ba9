using System.Buffers.Text;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>What an extended header (POSIX.1-2001, pax) says of the member after it; null where it says nothing.</summary>
/// <param name="Path">The path's bytes, in place of the header's.</param>
/// <param name="Size">Bytes of the body, in place of the header's.</param>
/// <param name="IsSparse">Whether the body is a GNU sparse file's.</param>
internal readonly record struct PaxAttributes(byte[]? Path, long? Size, bool IsSparse)
{
    /// <summary>Reads the records <c>length key=value\n</c>.</summary>
    /// <exception cref="TarException">One is malformed.</exception>
    public static PaxAttributes Read(ReadOnlySpan<byte> text, long position)
    {
        var found = default(PaxAttributes);
        while (!text.IsEmpty && text[0] != 0)
        {
            if (
                !Utf8Parser.TryParse(text, out int length, out var digits)
                || length <= digits + 2
                || length > text.Length
                || text[digits] != ' '
                || text[length - 1] != '\n'
            )
                throw Wrong(position);
            var record = text[(digits + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw Wrong(position);
            found = found.With(record[..equals], record[(equals + 1)..], position);
            text = text[length..];
        }

        return found;
    }

    private PaxAttributes With(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long position) =>
        key.SequenceEqual("path"u8) ? this with { Path = value.IsEmpty ? null : value.ToArray() }
        : key.SequenceEqual("size"u8)
            ? this with
            {
                Size =
                    Utf8Parser.TryParse(value, out long size, out var used) && used == value.Length && size >= 0
                        ? size
                        : throw Wrong(position),
            }
        : key.StartsWith("GNU.sparse."u8) ? this with { IsSparse = true }
        : this;

    private static TarException Wrong(long position) =>
        TarException.Damaged($"has a header with malformed attributes (pax) at byte {position:N0}.");
}
