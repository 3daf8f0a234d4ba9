namespace Pipeline.Stages.Ingest;

/// <summary>One layout of a source.</summary>
internal interface ISourceListing
{
    string Root { get; }

    string Format { get; }

    IReadOnlyList<string> ClassNames { get; }

    /// <summary>The samples, in an order that depends on names and rows alone; tells of files that are passed over.</summary>
    IEnumerable<SourceEntry> Entries(Action<long> ignored);
}
