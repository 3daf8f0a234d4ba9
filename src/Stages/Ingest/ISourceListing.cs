namespace Pipeline.Stages.Ingest;

/// <summary>One layout of a source.</summary>
internal interface ISourceListing : IDisposable
{
    string Root { get; }

    string Format { get; }

    IReadOnlyList<string> ClassNames { get; }

    /// <summary>Images that are read at one time.</summary>
    int Concurrency => Environment.ProcessorCount;

    /// <summary>The files that decide what is listed, where the images are no files of their own: if none of them changed, nothing did. Null if they are.</summary>
    IReadOnlyList<ListedFile>? Containers => null;

    /// <summary>Whether images are fetched from addresses.</summary>
    bool HasAddresses => false;

    /// <summary>Gives back what reading its images held, such as connections.</summary>
    void IDisposable.Dispose() { }

    /// <summary>The samples, in an order that depends on names and rows alone; tells of files that are passed over.</summary>
    IEnumerable<SourceEntry> Entries(Action<long> ignored);
}
