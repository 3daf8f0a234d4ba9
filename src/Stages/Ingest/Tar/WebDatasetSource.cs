namespace Pipeline.Stages.Ingest.Tar;

/// <summary>Tars as WebDataset lays them out, by their names and in each by position; nothing is unpacked to the disk.</summary>
/// <remarks>
/// A first pass collects the classes: of a .tar it reads headers and labels and passes over the images, a .tar.gz it unpacks whole. The images
/// of a .tar are ranges of it; those of a .tar.gz come with their entries. A label is what cls or the json says; where all are numbers and a
/// file of class names lies beside the tars, its lines are the classes.
/// </remarks>
internal sealed class WebDatasetSource : ISourceListing
{
    private readonly SampleColumns columns;
    private readonly TarLimits limits;
    private readonly IReadOnlyList<ListedFile> tars;
    private readonly Dictionary<string, int> labels;

    /// <summary>Lists the tars and collects the classes.</summary>
    /// <param name="path">What was named: a folder, a tar, or several by braces.</param>
    /// <param name="files">The tars of a folder; else only <paramref name="path"/>.</param>
    /// <param name="options">Which fields say what.</param>
    /// <param name="limits">What a tar may come to; null for the program's.</param>
    /// <exception cref="InputException">A tar is not there, or no sample has a class.</exception>
    public WebDatasetSource(string path, IReadOnlyList<string> files, IngestOptions options, TarLimits? limits = null)
    {
        if (options.PathColumn is not null)
            throw new InputException(
                $"ingest.pathColumn is '{options.PathColumn}', but the input {path} is tars, which have no such column. Leave it out."
            );
        this.limits = limits ?? new();
        columns = new(options.LabelColumn, options.SplitColumn, options.GroupColumn);
        var isPattern = BracePattern.IsOne(path) && !Path.Exists(path);
        var all = isPattern ? [.. BracePattern.Expand(path).Distinct(StringComparer.Ordinal)] : files;
        Root = Path.GetDirectoryName(isPattern ? path[..path.IndexOf('{', StringComparison.Ordinal)] : files[0]) ?? "/";
        tars =
        [
            .. all.Select(file => FolderListing.Stat(file, Path.GetRelativePath(Root, file)))
                .OrderBy(file => file.Name, StringComparer.Ordinal),
        ];
        RefuseMissing(path);
        var names = Labels(path);
        var file = names.All(name => ClassNamesFile.IsNumber(name, out _)) ? ClassNamesFile.Find(Root) : null;
        (ClassNames, labels) = file is null ? Plain(names) : Named(file, names);
        Containers = file is null ? tars : [.. tars, FolderListing.Stat(file, Path.GetFileName(file))];
    }

    public string Root { get; }

    public string Format => "webdataset";

    public IReadOnlyList<string> ClassNames { get; }

    public IReadOnlyList<ListedFile>? Containers { get; }

    public IEnumerable<SourceEntry> Entries(Action<long> ignored) =>
        tars.SelectMany(tar => Samples(tar, wantsImages: true, ignored).Select(sample => Entry(tar, sample)));

    private IEnumerable<TarSample> Samples(ListedFile tar, bool wantsImages, Action<long> ignored) =>
        TarSamples.Read(Path.Combine(Root, tar.Name), columns, limits, wantsImages, ignored);

    private SourceEntry Entry(ListedFile tar, TarSample sample)
    {
        var uri = sample.Path.Length == 0 ? tar.Name : $"{tar.Name}/{sample.Path}";
        if (sample is { Fault: not null, Offset: > 0 }) // a member of which there may be others by that path
            uri += $"@{sample.Offset}";
        var label = -1;
        if (sample.Fault is null && !labels.TryGetValue(sample.Label, out label))
            throw new InputException(
                $"'{uri}' is of the new class '{sample.Label}'; a tar must not change while it is read. Start the run again."
            );
        return new SourceEntry(uri, label, label < 0 ? "" : ClassNames[label], sample.Split, sample.Group, sample.Extra, null)
        {
            Container = tar.Name,
            OpenContainer = sample.Tar,
            Offset = sample.Offset,
            Size = sample.Size,
            ModifiedTicks = tar.ModifiedTicks,
            Fault = sample.Fault,
            Fetch = sample.Bytes is { } bytes ? _ => ValueTask.FromResult(new Fetched(bytes, null)) : null,
        };
    }

    private void RefuseMissing(string path)
    {
        var missing = tars.Where(tar => tar.Fault is not null).Select(tar => tar.Name).ToList();
        if (missing.Count > 0)
            throw new InputException(
                $"{missing.Count:N0} of the {tars.Count:N0} tars of the input {path} are not there: {string.Join(", ", missing.Take(20))}"
                    + $"{(missing.Count > 20 ? ", …" : "")}; all must be. Put them there, or correct the path."
            );
    }

    /// <summary>The labels of all samples; also counts the further columns.</summary>
    private HashSet<string> Labels(string path)
    {
        var (names, extra) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        TarSample? firstFault = null;
        var uri = "";
        foreach (
            var (tar, sample) in tars.SelectMany(tar => Samples(tar, wantsImages: false, static _ => { }).Select(sample => (tar, sample)))
        )
        {
            if (sample.Fault is null)
                names.Add(sample.Label);
            else if (firstFault is null)
                (firstFault, uri) = (sample, tar.Name);
            extra.UnionWith(sample.Extra.Keys);
            if (extra.Count > limits.Columns)
                throw new InputException(
                    $"The json of the samples of {path} have more than {limits.Columns:N0} different fields, up to '{tar.Name}/{sample.Path}'; each becomes a column, "
                        + "and there must be at most so many. Put what differs from sample to sample into one field."
                );
        }

        return names.Count > 0
            ? names
            : throw new InputException(
                $"The input {path} has no sample with an image and a class: "
                    + (
                        firstFault?.Fault is { } fault
                            ? $"{(firstFault.Path.Length == 0 ? uri : $"{uri}/{firstFault.Path}")}: {fault.Message}"
                            : $"{tars[0].Name} has no files that make one. There must be members such as 0001.jpg and 0001.cls. Name another input."
                    )
            );
    }

    private static (IReadOnlyList<string>, Dictionary<string, int>) Plain(HashSet<string> names)
    {
        var classes = ClassOrder.Order(names);
        return (classes, classes.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal));
    }

    private static (IReadOnlyList<string>, Dictionary<string, int>) Named(string file, HashSet<string> names)
    {
        var classes = ClassNamesFile.Read(file);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (!ClassNamesFile.IsNumber(name, out var number) || number >= classes.Count)
                throw new InputException(
                    $"{file} has {classes.Count:N0} classes, numbers 0 to {classes.Count - 1:N0}, and a sample has the class {name}; it must have a line for each. Correct it, or take it away."
                );
            numbers.Add(name, number);
        }

        return (classes, numbers);
    }
}
