namespace Pipeline.Stages.Ingest.Tar;

/// <summary>Goes from member to member of a tar: after each, its body is read or passed over.</summary>
/// <remarks>
/// System.Formats.Tar is not used: it takes what headers of long names and attributes say for their size as memory at once, up to 2 GiB; it ends
/// without a word where a tar was cut between two members; and it seeks past the end of one that was cut within a body.
/// </remarks>
internal sealed class TarCursor(TarStream bytes, TarLimits limits)
{
    /// <summary>Blocks behind the end that are looked at: fifty records of tar's usual size.</summary>
    private const int RestBlocks = 1000;

    private const int FirstBytes = 1 << 20;

    private readonly byte[] block = new byte[TarHeader.Bytes];
    private int members;
    private long left;

    /// <summary>The next member; null at the end.</summary>
    /// <exception cref="TarException">The tar is cut off, damaged, or has too many members.</exception>
    public TarMember? Next()
    {
        byte[]? longName = null;
        var attributes = default(PaxAttributes);
        while (ReadHeader() is { } header)
        {
            switch (header.Type)
            {
                case 'L':
                    longName = [.. Extended(header).TakeWhile(letter => letter != 0)];
                    break;
                case 'K':
                    Extended(header);
                    break;
                case 'x':
                    attributes = PaxAttributes.Read(Extended(header), bytes.Position);
                    break;
                case 'g' when PaxAttributes.Read(Extended(header), bytes.Position) != default:
                    throw TarException.Damaged(
                        $"has a header for all members that gives them one path or size, at byte {bytes.Position:N0}."
                    );
                case 'g':
                    break;
                default:
                    return Member(header, attributes.Path ?? longName ?? header.Name, attributes);
            }
        }

        return null;
    }

    /// <summary>The body of the member, which has at most <paramref name="most"/> bytes.</summary>
    /// <exception cref="TarException">The tar ends before the body does.</exception>
    public byte[] Body(long most)
    {
        var size = left <= most ? left : throw new InvalidOperationException($"The body has {left} bytes; it must have at most {most}.");
        // A header may claim any size: memory is taken as bytes come.
        var body = new byte[Math.Min(size, FirstBytes)];
        for (var read = 0; read < size; )
        {
            if (read == body.Length)
                Array.Resize(ref body, (int)Math.Min(size, body.LongLength * 2));
            var more = bytes.Read(body.AsSpan(read));
            if (more == 0)
                throw Cut();
            read += more;
        }

        left = 0;
        Pad(size);
        return body;
    }

    /// <summary>Passes over the body of the member.</summary>
    /// <exception cref="TarException">The tar ends before the body does.</exception>
    public void Skip()
    {
        var size = left;
        left = 0;
        if (!bytes.Skip(size))
            throw Cut();
        Pad(size);
    }

    private TarMember Member(TarHeader header, byte[] name, PaxAttributes attributes)
    {
        if (++members > limits.Members)
            throw new TarException(
                TarFault.OverLimit,
                $"has more than {limits.Members:N0} members; it must have at most so many. The samples before are taken, what follows is not. Part it into several."
            );
        for (var more = header.HasMoreMap; more; more = block[504] != 0)
            Fill();
        left = header.HasBody ? attributes.Size ?? header.Size : 0;
        return TarMember.Of(name, header.Type, attributes.IsSparse || header.Type == 'S', bytes.Position, left, limits);
    }

    private TarHeader? ReadHeader()
    {
        Fill();
        if (block.AsSpan().ContainsAnyExcept((byte)0))
            return TarHeader.Read(block, bytes.Position - TarHeader.Bytes);
        CheckRest(bytes.Position);
        return null;
    }

    private void CheckRest(long end)
    {
        for (var (at, read) = (0, block.Length); at < RestBlocks && read == block.Length; at++)
        {
            read = bytes.Read(block);
            if (block.AsSpan(0, read).ContainsAnyExcept((byte)0))
                throw TarException.Damaged($"goes on behind its end at byte {end:N0}: it is damaged there, or several tars in one file.");
        }
    }

    private void Fill()
    {
        if (bytes.Read(block) < TarHeader.Bytes)
            throw Cut();
    }

    private byte[] Extended(TarHeader header)
    {
        if (header.Size > limits.PartBytes)
            throw TarException.Damaged(
                $"has a header of {header.Size:N0} bytes at byte {bytes.Position:N0}; it must have at most {limits.PartBytes:N0}."
            );
        left = header.Size;
        return Body(limits.PartBytes);
    }

    /// <summary>A body is followed by zeros up to a whole block; that they are cut off shows at the next header.</summary>
    private void Pad(long size) => bytes.Skip((TarHeader.Bytes - (size % TarHeader.Bytes)) % TarHeader.Bytes);

    private TarException Cut() =>
        TarException.Damaged(
            bytes.Position == 0
                ? "is empty; it must be a tar."
                : $"is cut off: it ends at byte {bytes.Position:N0}, before the empty blocks that end a tar."
        );
}
