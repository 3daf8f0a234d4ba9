using Pipeline.Models.Weights;

namespace Pipeline.Models.Hub.Download;

/// <summary>How far a model is.</summary>
/// <param name="Model">Its name.</param>
/// <param name="File">The file that is got.</param>
/// <param name="Done">Bytes of the model that are there.</param>
/// <param name="Total">Bytes of the model; 0 while the hub has not said it.</param>
public sealed record PullProgress(string Model, string File, long Done, long Total);

/// <summary>Gets models from the hub into the first of the own folders: the only code here that opens a connection.</summary>
/// <remarks>
/// Files come into a hidden folder, one whose name ends in <c>.partial</c>, which is renamed when all of them are there and checked. Cut off, the
/// same call goes on.
/// </remarks>
/// <param name="library">The models on this machine.</param>
/// <param name="settings">Which hub is asked.</param>
public sealed class ModelPull(ModelLibrary library, HubSettings settings)
{
    private const string Main = "main";
    private const string LockName = ".lock";
    private const long Spare = 16 << 20; // for what else is written meanwhile

    /// <summary>Gets one model; what is there already is not asked for again, but the list of its files is.</summary>
    /// <param name="name">Of a model of the hub.</param>
    /// <param name="choice">Which files.</param>
    /// <param name="report">Told how far it is.</param>
    /// <param name="stop">Ends the call; what has come stays for the next one.</param>
    /// <exception cref="HubException">The hub does not give it, or the disk is too small.</exception>
    public async Task<ModelFolder> GetAsync(ModelName name, HubFileChoice choice, Action<PullProgress> report, CancellationToken stop)
    {
        if (name.Source != ModelSource.Hub)
        {
            throw new HubException($"The model {name} is not of the hub; it must be org/name[@revision] to be pulled. Leave it out.");
        }

        using var hub = new HubConnection(settings);
        var revision = name.Revision ?? Main;
        report(new PullProgress(name.ToString(), "the list of files", 0, 0));
        var repository = await HubRepository.ReadAsync(hub, name.Id, revision, stop);
        var files = Chosen(repository, choice);
        var root = library.Places.Own.First();
        var target = Path.Combine(root, name.Id, repository.Commit);
        if (!IsThere(target, files))
        {
            await FillAsync(hub, repository, files, target, name, report, stop);
        }

        if (revision != repository.Commit)
        {
            var file = ModelLibrary.RefFile(root, name.Id, revision);
            Directory.CreateDirectory(Path.GetDirectoryName(file) ?? root);
            AtomicFile.Write(file, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(repository.Commit + "\n")));
        }

        return library.Find($"{name.Id}@{repository.Commit}") with
        {
            Name = name,
        };
    }

    private static List<HubFile> Chosen(HubRepository repository, HubFileChoice choice)
    {
        var paths = choice.Of(repository.Files.Select(file => file.Path)).ToHashSet(StringComparer.Ordinal);
        var files = repository.Files.Where(file => paths.Contains(file.Path)).ToList();
        if (files.Find(file => !HubRepository.IsGood(file.Path)) is { } bad)
        {
            throw new HubException(
                $"The model {repository.Id} has a file named '{bad.Path}'; a file's name must stay within the model's folder. Do not use this model."
            );
        }

        return
            files.Exists(file => !file.Path.EndsWith(".json", StringComparison.Ordinal) && ModelFiles.IsContent(file.Path))
            || files.Exists(IsCheckpoint)
            ? files
            : throw new HubException(
                $"The model {repository.Id}@{repository.Commit} has no weights that can be read{(choice.Variant is null ? "" : $" in the variant '{choice.Variant}'")}; it must have .safetensors or .onnx. See its files at the hub."
            );
    }

    private static bool IsCheckpoint(HubFile file) => Path.GetExtension(file.Path) is ".bin" or ".pt" or ".pth" or ".ckpt";

    /// <summary>Whether the folder's manifest has all files, and they are there in their sizes; their bytes are for <c>verify</c>.</summary>
    private static bool IsThere(string target, IReadOnlyList<HubFile> files)
    {
        var known = ModelManifest.Find(target)?.Files.ToDictionary(file => file.Path, file => file.Size, StringComparer.Ordinal);
        return known is not null
            && files.All(file =>
                known.TryGetValue(file.Path, out var size)
                && new FileInfo(Path.Combine(target, file.Path)) is { Exists: true } there
                && there.Length == size
                && (file.Size ?? size) == size
            );
    }

    private async Task FillAsync(
        HubConnection hub,
        HubRepository repository,
        List<HubFile> files,
        string target,
        ModelName name,
        Action<PullProgress> report,
        CancellationToken stop
    )
    {
        var partial = Path.Combine(Path.GetDirectoryName(target) ?? "", $".{repository.Commit}.partial");
        Directory.CreateDirectory(partial);
        using var own = Hold(partial);
        CheckRoom(partial, files);
        var (total, done) = (files.Sum(file => file.Size ?? 0), 0L);
        var got = new List<ModelFile>();
        foreach (var file in files)
        {
            report(new PullProgress(name.ToString(), file.Path, done, total));
            var download = new HubDownload(
                hub,
                repository,
                bytes => report(new PullProgress(name.ToString(), file.Path, done += bytes, total))
            );
            got.Add(await download.GetAsync(file, partial, stop));
        }

        var terms = repository.Licence is { } stated
            ? new ModelLicence(stated, repository.LicenceLink)
            : ModelCardHeader.LicenceIn(CardLines(partial));
        var manifest = new ModelManifest
        {
            Name = repository.Id,
            Revision = repository.Commit,
            Licence = terms?.Id,
            LicenceLink = terms?.Link,
            Files = got,
        };
        Place(partial, target, manifest);
    }

    /// <summary>The folder appears whole; files that come to one that is there are moved in before its manifest names them.</summary>
    private static void Place(string partial, string target, ModelManifest manifest)
    {
        if (!Directory.Exists(target))
        {
            Write(partial, manifest);
            File.Delete(Path.Combine(partial, LockName));
            Directory.Move(partial, target);
            return;
        }

        foreach (var file in manifest.Files)
        {
            var to = Path.Combine(target, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(to) ?? target);
            File.Move(Path.Combine(partial, file.Path), to, overwrite: true);
        }

        var before = ModelManifest.Find(target)?.Files ?? [];
        var all = manifest
            .Files.UnionBy(before, file => file.Path, StringComparer.Ordinal)
            .OrderBy(file => file.Path, StringComparer.Ordinal);
        Write(target, manifest with { Files = [.. all] });
        Directory.Delete(partial, recursive: true);
    }

    private static void Write(string folder, ModelManifest manifest) =>
        AtomicFile.Write(Path.Combine(folder, ModelManifest.FileName), stream => stream.Write(manifest.ToBytes()));

    private static IEnumerable<string> CardLines(string folder) =>
        Path.Combine(folder, ModelCardHeader.FileName) is var path && File.Exists(path) ? File.ReadLines(path) : [];

    private static FileStream Hold(string partial)
    {
        try
        {
            return new FileStream(Path.Combine(partial, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException busy)
        {
            throw new HubException($"{partial} is being filled by another process; one alone must do that. Wait for it.", busy);
        }
    }

    private void CheckRoom(string partial, List<HubFile> files)
    {
        var there = new DirectoryInfo(partial).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        var (needed, free) = (Math.Max(0, files.Sum(file => file.Size ?? 0) - there) + Spare, settings.FreeBytes(partial));
        if (free < needed)
        {
            throw new HubException(
                FormattableString.Invariant(
                    $"The disk of {partial} has {free} bytes free; {needed} must be. Make room, or name a models folder on another disk: --models DIR."
                )
            );
        }
    }
}
