namespace Pipeline.Stages.Ingest;

/// <summary>Images of compressed row groups: those of one row group at a time are held, which is the one that was last asked for.</summary>
internal sealed class ParquetImages
{
    private readonly Lock gate = new();
    private (ParquetPart? Part, int Group) held;
    private byte[]?[] images = [];
    private Rejected? damage;

    /// <summary>One image. May be called from several threads, also for a row group that was left.</summary>
    /// <param name="part">The file.</param>
    /// <param name="group">Its row group.</param>
    /// <param name="row">The row within.</param>
    public Fetched Get(ParquetPart part, int group, int row)
    {
        lock (gate)
        {
            if (held != (part, group))
                Load(part, group);
            return damage is not null ? new(null, damage)
                : images[row] is { } image ? new(image, null)
                : new(null, new(SourceFault.NoImage, $"{part.File.Path} has a row without an image; it must have one. Take the row out."));
        }
    }

    private void Load(ParquetPart part, int group)
    {
        (images, damage, held) = ([], null, (part, group));
        try
        {
            images = part.Columns.Image is { } image ? part.File.Bytes(group, image) : [];
        }
        catch (InvalidDataException error)
        {
            damage = new(
                SourceFault.Damaged,
                $"{part.File.Path} has images in row group {group} that cannot be read: {error.Message}. They must be whole. Copy or write the file again."
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            held = default;
            damage = new(
                SourceFault.Unreadable,
                $"{part.File.Path} cannot be read: {error.Message} Check its permissions and the disk, and run again."
            );
        }
    }
}
