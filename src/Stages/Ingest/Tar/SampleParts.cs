using System.Text;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>The members of one key, as they come.</summary>
/// <param name="Key">The path up to the first dot of its last part.</param>
/// <param name="IsNew">False for a key that was there before: none of its members is taken.</param>
internal sealed record SampleParts(string Key, bool IsNew)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private string? label;
    private string? text;
    private Dictionary<string, string> fields = new(StringComparer.Ordinal);

    /// <summary>Whether a member was set aside, so that it is known why something is missing.</summary>
    public bool IsRefused { get; set; }

    public TarMember? Image { get; private set; }

    private byte[]? Bytes { get; set; }

    /// <summary>Whether the name after the key is new; not so if it was there before.</summary>
    public bool Add(string part) => names.Add(part);

    public void Take(TarMember image, byte[]? bytes) => (Image, Bytes) = (image, bytes);

    /// <summary>Takes a cls, json or txt; gives what is wrong with it, or null.</summary>
    public Rejected? Take(string part, TarMember member, byte[] bytes)
    {
        string fault;
        try
        {
            fault = "";
            switch (part)
            {
                case "json":
                    var read = SampleFields.Read(bytes, out fault);
                    fields = fault.Length == 0 ? read : fields;
                    break;
                case "cls":
                    label = Strict.GetString(bytes).Trim();
                    break;
                default:
                    text = Strict.GetString(bytes).Trim();
                    break;
            }
        }
        catch (DecoderFallbackException)
        {
            fault = "has bytes that are not UTF-8";
        }

        return fault.Length == 0
            ? null
            : new(
                TarFault.BadPart,
                $"The member '{member.Path}' {fault}; it must be {(part == "json" ? "one JSON object in UTF-8, each field once" : "text in UTF-8")}. Correct it, or leave it out."
            );
    }

    /// <summary>The sample that the members make, or why they make none.</summary>
    /// <param name="columns">Which fields say what.</param>
    /// <param name="splitOfTar">The split that the tar's name says; null if it says none.</param>
    public TarSample Close(SampleColumns columns, string? splitOfTar)
    {
        if (Image is not { } image)
            return Set(
                Key,
                TarFault.NoImage,
                $"The sample '{Key}' has no image: after its key, which ends at the first dot, come {string.Join(", ", names.Order(StringComparer.Ordinal).Take(5))}; "
                    + "one must be jpg, jpeg, png, webp, bmp, gif, tif or tiff. Add it, rename it, or leave the sample out."
            );
        var name = columns.Label == "cls" || (columns.Label is null && !string.IsNullOrEmpty(label)) ? label : Taken(columns.Labels);
        var splitName = columns.Split is not null || splitOfTar is null ? Taken(columns.Splits) : null;
        var split = splitName is null ? splitOfTar ?? SplitName.Train : SplitName.Canonical(splitName);
        var group = Taken(columns.Groups) ?? "";
        var carried = fields.Count == 0 && text is null ? null : new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (field, value) in fields)
        {
            if (carried?.TryAdd(SampleFields.Column(field), value) == false)
                return Set(
                    image.Path,
                    TarFault.BadPart,
                    $"The json of the sample '{Key}' has two fields that become the column '{SampleFields.Column(field)}'; each must be a column of its own. Rename one."
                );
        }

        if (text is not null)
            carried?.Add(SampleFields.Text, text);
        if (split is null)
            return Set(
                image.Path,
                TarFault.BadPart,
                $"The json of the sample '{Key}' has the split '{splitName}'; it must be {SplitName.Wanted}. Correct it, or leave the sample out."
            );
        if (string.IsNullOrWhiteSpace(name))
            return Set(
                image.Path,
                TarFault.NoLabel,
                $"The sample '{Key}' has no class; it must have {columns.LabelWanted}"
                    + $"{(fields.Count == 0 ? "" : $" (its json has {string.Join(", ", fields.Keys.Take(20))})")}. "
                    + "Add one, or say which field of its json it is with labelColumn, for example --set ingest.labelColumn=caption."
            );
        return new(image.Path, null)
        {
            Label = name,
            Split = split,
            Group = group,
            Extra = carried ?? TarSample.NoExtra,
            Offset = image.Offset,
            Size = image.Size,
            Bytes = Bytes,
        };

        string? Taken(IReadOnlyList<string> usual)
        {
            foreach (var field in usual)
            {
                if (fields.Remove(field, out var value))
                    return value;
            }

            return null;
        }
    }

    private static TarSample Set(string path, string kind, string message) => new(path, new Rejected(kind, message));
}
