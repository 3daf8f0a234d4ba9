namespace Pipeline.Stages.Ingest.Tar;

/// <summary>Which member or field of the json says what; the first of several that is there.</summary>
/// <param name="Label">cls, or the field that is set; null for cls, else the usual fields.</param>
/// <param name="Split">The field that is set; null for the tar's name, else the usual field.</param>
/// <param name="Group">The field that is set; null for the usual fields.</param>
internal sealed record SampleColumns(string? Label, string? Split, string? Group)
{
    public IReadOnlyList<string> Labels { get; } = Label is null ? ["label", "class", "class_name"] : [Label];

    public IReadOnlyList<string> Splits { get; } = Split is null ? ["split"] : [Split];

    public IReadOnlyList<string> Groups { get; } = Group is null ? ["group", "domain"] : [Group];

    /// <summary>For people.</summary>
    public string LabelWanted =>
        Label switch
        {
            null => "a cls, or a json with label, class or class_name",
            "cls" => "a cls",
            _ => $"a json with {Label}",
        };
}
