using Pipeline.Sdk;

namespace Pipeline.Stages.Ingest;

/// <summary>How the input is laid out.</summary>
public enum SourceFormat
{
    /// <summary>What the file's extension says, or the files directly in the folder (metadata.csv, tars); else an image folder.</summary>
    Auto,

    /// <summary>A folder a class, or a folder a split with a folder a class inside.</summary>
    ImageFolder,

    /// <summary>A table with a header and one row an image.</summary>
    Csv,

    /// <summary>Tars in which the files of one key are a sample: 0001.jpg, 0001.cls, 0001.json, 0001.txt.</summary>
    WebDataset,
}

/// <summary>What becomes of an image whose bytes lie in another split too.</summary>
public enum SplitLeakRule
{
    /// <summary>The later one in the listing is set aside: what was trained on is no test.</summary>
    Refuse,

    /// <summary>Both stay, and the run says how many there are.</summary>
    Report,
}

/// <summary>Settings of the ingest stage.</summary>
public sealed record IngestOptions : IStageOptions
{
    /// <summary>Samples in a batch, 1 to 4,096; the default keeps a batch of photographs under about 10 MB.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Whether shards carry the encoded images: for hosts that cannot reach the input. Otherwise they carry references to it.</summary>
    public bool Embed { get; init; }

    /// <summary>How the input is laid out.</summary>
    public SourceFormat Format { get; init; } = SourceFormat.Auto;

    /// <summary>CSV column of the image's path, relative to the CSV's folder; null for path, file, file_name or image.</summary>
    public string? PathColumn { get; init; }

    /// <summary>CSV column of the class; null for label or class. For tars cls or a field of the json; null for cls, else label, class or class_name.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>CSV column of the split; null for split, and all rows are training rows if there is no such column. For tars a field of the json; null for the tar's name, else split.</summary>
    public string? SplitColumn { get; init; }

    /// <summary>CSV column of the group that metrics are also told by; null for group or domain, and no group if there is no such column.</summary>
    public string? GroupColumn { get; init; }

    /// <summary>Share of every class and group that is the validation split, 0 to 0.9; for a source without splits of its own.</summary>
    public double ValidationShare { get; init; }

    /// <summary>Share of every class and group that is the test split, 0 to 0.9; for a source without splits of its own.</summary>
    public double TestShare { get; init; }

    /// <summary>Seed of the declared splits. Not the run's: runs with several seeds are measured on the same images.</summary>
    public long SplitSeed { get; init; }

    /// <summary>What becomes of an image whose bytes lie in another split too.</summary>
    public SplitLeakRule SplitLeaks { get; init; }

    /// <summary>Batches that may be unfinished at one time before ingest waits, 1 to 100,000.</summary>
    [ContentNeutral]
    public int Unfinished { get; init; } = 64;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Batch is < 1 or > 4096)
            yield return $"{stage}.batch is {Batch}; it must be between 1 and 4,096 samples. Set it in the pipeline file or with --set.";
        if (Unfinished is < 1 or > 100_000)
            yield return $"{stage}.unfinished is {Unfinished}; it must be between 1 and 100,000 batches. Set it in the pipeline file or with --set.";
        foreach (var (setting, share) in new[] { ("validationShare", ValidationShare), ("testShare", TestShare) })
        {
            if (share is not (>= 0 and <= 0.9))
                yield return $"{stage}.{setting} is {share}; it must be between 0 and 0.9 of the images. Set it in the pipeline file or with --set.";
        }

        if (ValidationShare + TestShare > 0.9)
            yield return $"{stage}.validationShare and {stage}.testShare are {ValidationShare + TestShare:R} together; they must be at most 0.9, so that images to train on are left. Set one lower.";
        if (!Enum.IsDefined(SplitLeaks))
            yield return $"{stage}.splitLeaks is {SplitLeaks}; it must be refuse or report. Set it in the pipeline file or with --set.";
        if (!Enum.IsDefined(Format))
            yield return $"{stage}.format is {Format}; it must be auto, imagefolder, csv or webdataset. Set it in the pipeline file or with --set.";

        var columns = new (string Setting, string? Name)[]
        {
            ("pathColumn", PathColumn),
            ("labelColumn", LabelColumn),
            ("splitColumn", SplitColumn),
            ("groupColumn", GroupColumn),
        };
        foreach (var (setting, name) in columns)
        {
            if (name is not null && string.IsNullOrWhiteSpace(name))
                yield return $"{stage}.{setting} is empty; it must be the name of a column. Name one, or leave the setting out for the usual names.";
            else if (name is not null && Format == SourceFormat.ImageFolder)
                yield return $"{stage}.{setting} is '{name}', but {stage}.format is imagefolder, which has no columns. Leave one of the two out.";
        }
        foreach (
            var twice in columns.Where(column => column.Name is not null).GroupBy(column => column.Name).Where(group => group.Count() > 1)
        )
            yield return $"{stage}.{string.Join($" and {stage}.", twice.Select(column => column.Setting))} are all '{twice.Key}'; "
                + "each must be a column of its own. Name another, or leave one out.";
    }
}
