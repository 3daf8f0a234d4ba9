namespace Pipeline.Stages.Export;

/// <summary>What an export wrote.</summary>
/// <param name="Uris">The files of the splits in the order train, validation, then the test splits by name; then card, Croissant description and manifest.</param>
/// <param name="Originals">Rows that are originals, by split.</param>
/// <param name="Edits">Rows that are edits.</param>
/// <param name="EditsLeftOut">Selected edits whose source was to be left out.</param>
public sealed record ExportResult(IReadOnlyList<string> Uris, IReadOnlyDictionary<string, int> Originals, int Edits, int EditsLeftOut);
