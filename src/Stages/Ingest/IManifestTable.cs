namespace Pipeline.Stages.Ingest;

/// <summary>A file that lists images, one row each; the rules about what a row must say are not its own.</summary>
internal interface IManifestTable
{
    /// <summary>The file.</summary>
    string Path { get; }

    /// <summary>A word of <see cref="SourceFormat"/>, in lower case.</summary>
    string Format { get; }

    /// <summary>The names that decide which column is which, and the line they stand on: the header's, or those of the first row.</summary>
    ManifestRow Head { get; }

    /// <summary>The rows in their order; the file is opened for each walk.</summary>
    /// <exception cref="InputException">The file cannot be read, or a row is none; names the line.</exception>
    IEnumerable<ManifestRow> Rows();
}

/// <summary>A row of a table: names and values in one order.</summary>
/// <param name="Line">The line on which it begins; the file's first is 1.</param>
/// <param name="Names">Its columns.</param>
/// <param name="Values">Text, as many as there are names; null where the row says so.</param>
internal readonly record struct ManifestRow(int Line, string[] Names, string?[] Values)
{
    /// <summary>The value of a column; null if the row does not have it.</summary>
    public string? this[string? name] => name is not null && Array.IndexOf(Names, name) is >= 0 and var index ? Values[index] : null;
}
