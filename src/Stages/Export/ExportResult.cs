using Pipeline.Shards;

namespace Pipeline.Stages.Export;

/// <summary>What an export wrote.</summary>
/// <param name="Files">The files, by split in the order train, validation, then the test splits by name.</param>
/// <param name="Originals">Rows that are originals, by split.</param>
/// <param name="Edits">Rows that are edits.</param>
/// <param name="EditsLeftOut">Selected edits whose source was to be left out.</param>
public sealed record ExportResult(IReadOnlyList<ShardStamp> Files, IReadOnlyDictionary<string, int> Originals, int Edits, int EditsLeftOut);
