using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Shards.Stores;

namespace Pipeline.Host.Commands;

/// <summary>Files that may go together, and why.</summary>
/// <param name="Name">What they are and what is lost with them.</param>
/// <param name="Files">Absolute paths, in ordinal order.</param>
/// <param name="Bytes">Their size.</param>
internal sealed record CleanGroup(string Name, IReadOnlyList<string> Files, long Bytes);

/// <summary>What may go from an output directory; each file is in one group at the most.</summary>
/// <remarks>
/// Only files below <c>runs/</c>, and temporary files below <c>runs/</c> and <c>quarantine/</c>, are ever listed: results, models, reports and
/// <c>run.json</c> cannot be. Links are not followed.
/// </remarks>
internal static partial class CleanPlan
{
    private static readonly EnumerationOptions Listing = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>The groups that have files: temporary files, work files of training, and, once the export is whole, shards.</summary>
    public static IReadOnlyList<CleanGroup> Of(OutputDirectory directory)
    {
        var below = Below(directory.Root, "runs").ToList();
        var temporaries = below.Concat(Below(directory.Root, "quarantine")).Where(IsTemporary).ToList();
        var left = below.Where(file => !IsTemporary(file)).ToList();
        var training = left.Where(file => IsTraining(directory.Root, file.FullName)).ToList();
        List<FileInfo> shards = IsExported(directory)
            ? [.. left.Where(file => file.Extension == ".parquet" && !IsTraining(directory.Root, file.FullName))]
            : [];
        (string Name, List<FileInfo> Files)[] groups =
        [
            ("temporary files of a process that ended early", temporaries),
            ("work files of training (a later run trains again)", training),
            ("shards, all of whose results are in augmented/ (a later run computes them again)", shards),
        ];
        return
        [
            .. groups
                .Where(group => group.Files.Count > 0)
                .Select(group => new CleanGroup(
                    group.Name,
                    [.. group.Files.Select(file => file.FullName).Order(StringComparer.Ordinal)],
                    group.Files.Sum(file => file.Length)
                )),
        ];
    }

    private static IEnumerable<FileInfo> Below(string root, string name)
    {
        var folder = new DirectoryInfo(Path.Combine(root, name));
        return folder.Exists && folder.LinkTarget is null ? folder.EnumerateFiles("*", Listing) : [];
    }

    private static bool IsTemporary(FileInfo file) => StoreUri.IsTemporary(file.Name);

    /// <summary>Whether the file is <c>runs/*/train/…</c>.</summary>
    private static bool IsTraining(string root, string path) =>
        Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar) is { Length: > 3 } parts && parts[2] == "train";

    /// <summary>The run is done, and each split of <c>augmented/</c> has as many shards as their names say.</summary>
    private static bool IsExported(OutputDirectory directory)
    {
        var folder = Path.Combine(directory.Root, "augmented");
        if (directory.State != "done" || !Directory.Exists(folder))
            return false;
        var names = Directory
            .GetFiles(folder)
            .Select(path => Exported().Match(Path.GetFileName(path)))
            .Where(match => match.Success)
            .ToList();
        return names.Count > 0
            && names
                .GroupBy(match => match.Groups["split"].Value + "/" + match.Groups["count"].Value, match => match.Groups["count"].Value)
                .All(split => split.Count() == int.Parse(split.First(), CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(
        "^(?<split>.+)-[0-9]{5}-of-(?<count>[0-9]{5})[.]parquet$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Exported();
}
