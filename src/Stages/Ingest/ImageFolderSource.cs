namespace Pipeline.Stages.Ingest;

/// <summary><c>[split/]class/…/file</c>: split by split, class by class, a folder's files before the folders in it, all in ordinal order.</summary>
/// <remarks>With <see cref="IngestOptions.GroupFolders"/> the first folder inside a class's folder is the group. Top-level folders are splits if every one of them is named as a split; else they are classes, and all is training.</remarks>
internal sealed class ImageFolderSource : ISourceListing
{
    /// <summary>Folders within a class's folder, one inside the other: more are a link that leads back to itself.</summary>
    private const int MostNested = 32;

    private const string Layout =
        "It must have one folder a class with images inside, or train, validation and test folders with those inside";

    private static readonly IReadOnlyDictionary<string, string> NoExtra = new Dictionary<string, string>(StringComparer.Ordinal);

    private readonly Dictionary<string, int> labels;
    private readonly List<(string Folder, string Split, FolderListing Listing)> splits = [];

    private readonly bool groups;

    public ImageFolderSource(string root, IngestOptions options)
    {
        Root = root;
        groups = options.GroupFolders;
        var top = FolderListing.Of(root);
        RefuseMixed(root, top);
        var named = top.Folders.Select(folder => (Folder: folder, Split: SplitName.Canonical(folder))).ToArray();
        if (named.All(folder => folder.Split is not null))
        {
            TopIgnored = top.Ignored;
            foreach (
                var (folder, split) in named
                    .OrderBy(name => SplitName.Rank(name.Split ?? ""))
                    .ThenBy(name => name.Folder, StringComparer.Ordinal)
            )
            {
                var listing = FolderListing.Of(Path.Combine(root, folder));
                RefuseMixed(Path.Combine(root, folder), listing);
                splits.Add((folder + "/", split ?? "", listing));
            }
        }
        else
            splits.Add(("", SplitName.Train, top));

        ClassNames = [.. splits.SelectMany(split => split.Listing.Folders).Distinct().Order(StringComparer.Ordinal)];
        labels = ClassNames
            .Select((name, index) => (name, index))
            .ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
        if (!Entries(_ => { }).Any())
            throw new InputException(
                $"The input {root} has {ClassNames.Count} class folders and no image in any; an image's name ends in jpg, jpeg, png, webp, bmp, gif, tif or tiff. "
                    + $"{Layout}. Name another folder, or put images there."
            );
    }

    public string Root { get; }

    public string Format => "imagefolder";

    public IReadOnlyList<string> ClassNames { get; }

    private long TopIgnored { get; }

    public IEnumerable<SourceEntry> Entries(Action<long> ignored)
    {
        ignored(TopIgnored);
        foreach (var (folder, split, listing) in splits)
        {
            ignored(listing.Ignored);
            foreach (var name in listing.Folders)
            {
                var shape = new SourceEntry("", labels[name], name, split, "", NoExtra, null);
                foreach (var entry in Walk(shape, folder + name, 0, ignored))
                    yield return entry;
            }
        }
    }

    private IEnumerable<SourceEntry> Walk(SourceEntry shape, string folder, int nested, Action<long> ignored)
    {
        if (nested > MostNested)
            throw new InputException(
                $"{Path.Combine(Root, folder)} lies {nested} folders deep in its class; there must be at most {MostNested}. "
                    + "Look for a link that leads back to a folder above it and delete it."
            );
        var (files, folders, passed) = FolderListing.Of(Path.Combine(Root, folder));
        ignored(passed);
        foreach (var file in files)
            yield return shape with
            {
                Uri = $"{folder}/{file.Name}",
                Size = file.Size,
                ModifiedTicks = file.ModifiedTicks,
                Fault = file.Fault,
            };
        files = [];
        foreach (var inner in folders)
        {
            var below = groups && nested == 0 ? shape with { Group = inner } : shape;
            foreach (var entry in Walk(below, $"{folder}/{inner}", nested + 1, ignored))
                yield return entry;
        }
    }

    private static void RefuseMixed(string folder, FolderListing listing)
    {
        if (listing.Images.FirstOrDefault(file => file.Fault?.Kind == SourceFault.FileName) is { Fault: { } badName })
            throw new InputException($"{badName.Message} {folder} is where folders of classes are looked for.");
        if (listing.Images.Count > 0)
            throw new InputException(
                $"{folder} has {listing.Images.Count:N0} images (such as {listing.Images[0].Name}) "
                    + (
                        listing.Folders.Count > 0
                            ? $"beside {listing.Folders.Count:N0} folders, so that the images have no class. "
                            : "and no folder, so that they have no class. "
                    )
                    + $"{Layout}. Move each image into its class's folder, or add a metadata.csv with the columns file and label."
            );
        if (listing.Folders.Count == 0)
            throw new InputException(
                $"{folder} has {(listing.Ignored == 0 ? "nothing in it" : $"{listing.Ignored:N0} other files and no folder")}. {Layout}. "
                    + "Name another folder, add class folders, or add a metadata.csv with the columns file and label."
            );
    }
}
