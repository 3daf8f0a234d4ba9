using System.IO.Hashing;
using System.Runtime.InteropServices;
using Pipeline.Models.Images;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>Walks one tar and makes samples of its members: those of one key, next to each other, are one.</summary>
/// <remarks>Every member that is not taken, every key that makes no sample and every tar that ends too early is told of once. About 40 bytes of memory a key.</remarks>
internal sealed class TarSamples : IDisposable
{
    private static readonly HashSet<string> Images = ["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff"];

    private readonly TarStream bytes;
    private readonly TarCursor cursor;
    private readonly SampleColumns columns;
    private readonly TarLimits limits;
    private readonly string? split;
    private readonly bool wantsImages;
    private readonly Action<long> ignored;
    private readonly HashSet<UInt128> keys = [];
    private readonly Queue<TarSample> found = new();
    private SampleParts? parts;
    private bool isInBody;

    private TarSamples(TarStream stream, SampleColumns columns, TarLimits limits, string? split, bool wantsImages, Action<long> ignored)
    {
        (bytes, this.columns, this.limits, this.split) = (stream, columns, limits, split);
        (this.wantsImages, this.ignored) = (wantsImages, ignored);
        cursor = new TarCursor(stream, limits);
    }

    /// <summary>The samples and faults of a tar, in its order.</summary>
    /// <param name="path">The tar.</param>
    /// <param name="columns">Which field says what.</param>
    /// <param name="limits">What the tar may come to.</param>
    /// <param name="wantsImages">Whether images of a packed tar are taken along.</param>
    /// <param name="ignored">Told of members that are passed over.</param>
    public static IEnumerable<TarSample> Read(string path, SampleColumns columns, TarLimits limits, bool wantsImages, Action<long> ignored)
    {
        using var samples = Open(path, columns, limits, wantsImages, ignored, out var fault);
        if (fault is not null)
            yield return fault;
        for (var goesOn = samples is not null; goesOn; )
        {
            goesOn = samples?.Step() ?? false;
            while (samples?.found.TryDequeue(out var sample) ?? false)
                yield return sample;
        }
    }

    public void Dispose() => bytes.Dispose();

    private static TarSamples? Open(
        string path,
        SampleColumns columns,
        TarLimits limits,
        bool wantsImages,
        Action<long> ignored,
        out TarSample? fault
    )
    {
        fault = null;
        try
        {
            return new(TarStream.Open(path, limits), columns, limits, TarNames.Split(path), wantsImages, ignored);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            fault = Unreadable(error);
            return null;
        }
    }

    private static TarSample Unreadable(Exception error) =>
        new("", new(SourceFault.Unreadable, $"The tar cannot be read: {error.Message} Check its permissions and the disk, and run again."));

    /// <summary>Takes one member; false when there is none after it.</summary>
    private bool Step()
    {
        TarSample end;
        try
        {
            isInBody = false;
            if (cursor.Next() is { } member)
            {
                Take(member);
                return true;
            }

            Close(isCut: false);
            return false;
        }
        catch (TarException error)
        {
            end = new("", new(error.Kind, $"The tar {error.Message}"));
        }
        catch (IOException error)
        {
            end = Unreadable(error);
        }

        if (!isInBody)
            Close(isCut: true);
        found.Enqueue(end);
        return false;
    }

    private void Take(TarMember member)
    {
        var name = member.Path[(member.Path.LastIndexOf('/') + 1)..];
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (member.Fault is { Kind: not TarFault.NotAFile } || (member.Fault is not null && dot <= 0))
            found.Enqueue(new(member.Path, member.Fault) { Offset = member.Offset });
        else if (!member.IsFolder && dot > 0)
            Take(member, member.Path[..^(name.Length - dot)], name[(dot + 1)..].ToLowerInvariant());
        else if (!member.IsFolder)
            ignored(1);
        cursor.Skip();
    }

    private void Take(TarMember member, string key, string part)
    {
        if (parts?.Key != key)
        {
            Close(isCut: false);
            parts = new SampleParts(key, keys.Add(XxHash128.HashToUInt128(MemoryMarshal.AsBytes(key.AsSpan()))));
            if (!parts.IsNew)
                Refuse(
                    member,
                    new(
                        TarFault.DuplicateKey,
                        $"The sample '{key}' is there twice, with others between; it must be there once. Rename one."
                    )
                );
        }

        isInBody = true;
        if (!parts.IsNew)
            return;
        if ((member.Fault ?? Repeated(member, part)) is { } fault)
        {
            Refuse(member, fault);
            return;
        }

        var isImage = Images.Contains(part);
        if (!isImage && part is not ("cls" or "json" or "txt"))
        {
            ignored(1);
            return;
        }

        var most = isImage ? limits.ImageBytes : limits.PartBytes;
        if (member.Size > most)
            Refuse(
                member,
                new(
                    RejectionKind.TooLarge,
                    $"The member '{member.Path}' has {member.Size:N0} bytes; it must have at most {most:N0}. Shrink it, or leave it out."
                )
            );
        else if (!isImage)
            Refuse(member, parts.Take(part, member, cursor.Body(most)));
        else if (bytes.IsPacked && wantsImages)
            parts.Take(member, cursor.Body(most));
        else
        {
            cursor.Skip();
            parts.Take(member, null);
        }
    }

    private Rejected? Repeated(TarMember member, string part) =>
        parts is null || !parts.Add(part)
            ? new(TarFault.DuplicateName, $"The member '{member.Path}' is there twice; each must be there once. Leave one out.")
        : Images.Contains(part) && parts.Image is { } image
            ? new(
                TarFault.SecondImage,
                $"The member '{member.Path}' is an image, and '{image.Path}' of the same sample is one; it must have one. Rename one, or leave it out."
            )
        : null;

    private void Refuse(TarMember member, Rejected? fault)
    {
        if (fault is null)
            return;
        parts?.IsRefused = true;
        found.Enqueue(new(member.Path, fault) { Offset = member.Offset });
    }

    /// <summary>Ends a sample; of one that lacks something, no word if that was told of already or may lie behind a cut.</summary>
    private void Close(bool isCut)
    {
        if (
            parts is { IsNew: true } whole
            && whole.Close(columns, split) is var sample
            && (sample.Fault is null || !(isCut || whole.IsRefused))
        )
            found.Enqueue(sample with { Tar = bytes.File });
        parts = null;
    }
}
