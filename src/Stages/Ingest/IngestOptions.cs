using Pipeline.Models.Images;
using Pipeline.Sdk;

namespace Pipeline.Stages.Ingest;

/// <summary>How the input is laid out.</summary>
public enum SourceFormat
{
    /// <summary>What the file's extension says, or the files directly in the folder (metadata.csv, metadata.jsonl, tars, *.parquet there or in data/); else an image folder.</summary>
    Auto,

    /// <summary>A folder a class, or a folder a split with a folder a class inside.</summary>
    ImageFolder,

    /// <summary>A table with a header and one row an image.</summary>
    Csv,

    /// <summary>A table with one JSON object a line, an image each.</summary>
    Jsonl,

    /// <summary>Parquet files with an image and a label a row.</summary>
    Parquet,

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

    /// <summary>Column of the image's path, relative to the table's folder; null for path, file, file_name or image.</summary>
    public string? PathColumn { get; init; }

    /// <summary>Column of the image in Parquet files, bytes or a struct of bytes and path; null for image, img or image_bytes.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>Column of the class; null for label or class. For tars cls or a field of the json; null for cls, else label, class or class_name.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Column of the split; null for split, and all rows are training rows if there is no such column. For tars a field of the json; null for the tar's name, else split.</summary>
    public string? SplitColumn { get; init; }

    /// <summary>Column of the group that metrics are also told by; null for group or domain, and no group if there is no such column.</summary>
    public string? GroupColumn { get; init; }

    /// <summary>Whether, in an image folder, a folder inside a class's folder names the group of the images below it.</summary>
    public bool GroupFolders { get; init; }

    /// <summary>Share of every class and group that is the validation split, 0 to 0.9; for a source without splits of its own.</summary>
    public double ValidationShare { get; init; }

    /// <summary>Share of every class and group that is the test split, 0 to 0.9; for a source without splits of its own.</summary>
    public double TestShare { get; init; }

    /// <summary>Seed of the declared splits. Not the run's: runs with several seeds are measured on the same images.</summary>
    public long SplitSeed { get; init; }

    /// <summary>Width × height of an image at the most, 1 to 178,000,000 pixels, read from its header; the default is what every stage decodes.</summary>
    public long Pixels { get; init; } = DecodeLimits.Default.Pixels;

    /// <summary>What becomes of an image whose bytes lie in another split too.</summary>
    public SplitLeakRule SplitLeaks { get; init; }

    /// <summary>Whether images of a list may be fetched over http besides https.</summary>
    public bool UrlHttp { get; init; }

    /// <summary>Hosts by name, and networks such as 10.1.0.0/16, that may be fetched from although they are not of the public internet.</summary>
    public string[] UrlAllow { get; init; } = [];

    /// <summary>Bytes of a fetched image at the most, 1,024 to 1 GiB; the default is above any photograph.</summary>
    public long UrlBytes { get; init; } = 64L << 20;

    /// <summary>For one request from connecting to the last byte, 100 ms to 10 min.</summary>
    [ContentNeutral]
    public TimeSpan UrlTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Further attempts where a fault may pass, 0 to 10; each waits twice as long as the one before, or as long as the server asks.</summary>
    [ContentNeutral]
    public int UrlRetries { get; init; } = 3;

    /// <summary>Requests a second to one host, 0.01 to 1,000; the default is no burden to a small server.</summary>
    [ContentNeutral]
    public double UrlRate { get; init; } = 10;

    /// <summary>Batches that may be unfinished at one time before ingest waits, 1 to 100,000.</summary>
    [ContentNeutral]
    public int Unfinished { get; init; } = 64;

    /// <summary>Bytes of the encoded images in unfinished batches before ingest waits, 1 MiB to 1 TiB, as far as the listing tells them; a batch that is larger goes alone.</summary>
    [ContentNeutral]
    public long UnfinishedBytes { get; init; } = 1L << 30;

    private static string Words => string.Join(", ", Enum.GetNames<SourceFormat>()).ToLowerInvariant();

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Batch is < 1 or > 4096)
            yield return $"{stage}.batch is {Batch}; it must be between 1 and 4,096 samples. Set it in the pipeline file or with --set.";
        if (Unfinished is < 1 or > 100_000)
            yield return $"{stage}.unfinished is {Unfinished}; it must be between 1 and 100,000 batches. Set it in the pipeline file or with --set.";
        if (UnfinishedBytes is < 1L << 20 or > 1L << 40)
            yield return $"{stage}.unfinishedBytes is {UnfinishedBytes}; it must be between 1,048,576 and 1,099,511,627,776 bytes. Set it in the pipeline file or with --set.";
        if (GroupFolders && Format is not (SourceFormat.Auto or SourceFormat.ImageFolder))
            yield return $"{stage}.groupFolders is set, but {stage}.format is {Format.ToString().ToLowerInvariant()}, which has no folders. Leave one of the two out.";
        foreach (var (setting, share) in new[] { ("validationShare", ValidationShare), ("testShare", TestShare) })
        {
            if (share is not (>= 0 and <= 0.9))
                yield return $"{stage}.{setting} is {share}; it must be between 0 and 0.9 of the images. Set it in the pipeline file or with --set.";
        }

        if (ValidationShare + TestShare > 0.9)
            yield return $"{stage}.validationShare and {stage}.testShare are {ValidationShare + TestShare:R} together; they must be at most 0.9, so that images to train on are left. Set one lower.";
        if (Pixels < 1 || Pixels > DecodeLimits.Default.Pixels)
            yield return $"{stage}.pixels is {Pixels}; it must be between 1 and {DecodeLimits.Default.Pixels} pixels. Set it in the pipeline file or with --set.";
        if (UrlBytes is < 1024 or > 1L << 30)
            yield return $"{stage}.urlBytes is {UrlBytes}; it must be between 1,024 and 1,073,741,824 bytes. Set it in the pipeline file or with --set.";
        if (UrlTime < TimeSpan.FromMilliseconds(100) || UrlTime > TimeSpan.FromMinutes(10))
            yield return $"{stage}.urlTime is {UrlTime}; it must be between 100 ms and 10 min. Set it in the pipeline file or with --set.";
        if (UrlRetries is < 0 or > 10)
            yield return $"{stage}.urlRetries is {UrlRetries}; it must be between 0 and 10 further attempts. Set it in the pipeline file or with --set.";
        if (UrlRate is not (>= 0.01 and <= 1000))
            yield return $"{stage}.urlRate is {UrlRate}; it must be between 0.01 and 1,000 requests a second. Set it in the pipeline file or with --set.";
        if (Array.Find(UrlAllow, string.IsNullOrWhiteSpace) is not null)
            yield return $"{stage}.urlAllow has an empty entry; each must be a host's name or a network such as 10.1.0.0/16. Take it out.";
        if (!Enum.IsDefined(SplitLeaks))
            yield return $"{stage}.splitLeaks is {SplitLeaks}; it must be refuse or report. Set it in the pipeline file or with --set.";
        if (!Enum.IsDefined(Format))
            yield return $"{stage}.format is {Format}; it must be {Words}. Set it in the pipeline file or with --set.";

        var columns = new (string Setting, string? Name)[]
        {
            ("pathColumn", PathColumn),
            ("imageColumn", ImageColumn),
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
