namespace Pipeline.Models.Hub;

/// <summary>The models on this machine. Nothing here opens a connection.</summary>
/// <remarks>Safe to use from several threads.</remarks>
public sealed class ModelLibrary
{
    private const string Main = "main";
    private const string Refs = ".refs";
    private const string HubWords = "Hugging Face cache";
    private const string ProgramWords = "program";

    private readonly ModelLock? locked;

    private ModelLibrary(ModelPlaces places, ModelLock? locked) => (Places, this.locked) = (places, locked);

    /// <summary>Where it looks.</summary>
    public ModelPlaces Places { get; }

    /// <summary>The library of this process.</summary>
    /// <param name="modelsFolder">A folder that is looked through first; null for that of <c>PIPELINE_MODELS</c>, or none.</param>
    public static ModelLibrary Open(string? modelsFolder) => In(ModelPlaces.Of(modelsFolder));

    /// <summary>The library of these places.</summary>
    public static ModelLibrary In(ModelPlaces places) => new(places, null);

    /// <summary>The same library, in which the models of a lock must be as they are there.</summary>
    /// <param name="models">The lock; null for none.</param>
    public ModelLibrary With(ModelLock? models) => new(Places, models);

    /// <summary>The folder of a model.</summary>
    /// <param name="name"><c>org/name[@revision]</c>, <c>path:DIR</c> or <c>builtin:NAME</c>. Without a revision: the lock's, or <c>main</c>.</param>
    /// <exception cref="ModelMissingException">It is not there; the message has the command that gets it.</exception>
    /// <exception cref="InvalidDataException">The name is no name of a model.</exception>
    public ModelFolder Find(string name) => TryFind(name) ?? throw new ModelMissingException(Missing([name]));

    /// <summary>The folder of a model; null when it is not there.</summary>
    /// <exception cref="InvalidDataException">The name is no name of a model.</exception>
    public ModelFolder? TryFind(string name)
    {
        var parsed = ModelName.Parse(name);
        return parsed.Source switch
        {
            ModelSource.Folder => At(parsed, Path.GetFullPath(parsed.Id), "folder", null),
            ModelSource.BuiltIn => At(parsed, Path.Combine(Places.BuiltIn, parsed.Id), ProgramWords, null),
            _ => Revisions(parsed).Select(revision => FindRevision(parsed, revision)).FirstOrDefault(found => found is not null),
        };
    }

    /// <summary>The files that decide what a model gives, in ordinal order of paths, hashed unless neither size nor time has changed since.</summary>
    /// <exception cref="InvalidDataException">A link among them leads out of the model.</exception>
    public static IReadOnlyList<ModelFile> FilesOf(ModelFolder folder) => ModelFiles.Of(folder);

    /// <summary>Bytes of those files, which are not read for it.</summary>
    /// <exception cref="InvalidDataException">A link among them leads out of the model.</exception>
    public static long SizeOf(ModelFolder folder) =>
        ModelFiles.Paths(folder).Sum(path => new FileInfo(RealPath.Of(Path.Combine(folder.Path, path))).Length);

    /// <summary>Hash of the bytes of those files, 32 lower-case hexadecimal digits: equal for equal models, wherever they lie.</summary>
    /// <exception cref="InvalidDataException">The model is not as the lock has it, or a link among its files leads out of it.</exception>
    public string ContentOf(ModelFolder folder)
    {
        var files = FilesOf(folder);
        return Difference(folder, files) is { } difference ? throw new InvalidDataException(difference) : ModelFiles.Content(files);
    }

    /// <summary>What is different in a model from the lock: a sentence; null when nothing is, or the lock does not hold it.</summary>
    public string? Difference(ModelFolder folder, IReadOnlyList<ModelFile> files) =>
        locked is not null
        && locked.Models.TryGetValue(folder.Name.ToString(), out var wanted)
        && wanted.Difference(files) is { } difference
            ? $"The model {folder.Name} in {folder.Path} is not as {ModelLock.FileName} has it: {difference}. "
                + $"Get it as it was: {Places.Command($"pull {Asked(folder.Name, wanted)}")}; or, if the change is wanted, lock it anew: {Places.Command("lock --file PIPELINE")}"
            : null;

    /// <summary>A name with the lock's revision; as it is where it has one of its own, or the lock none.</summary>
    public ModelName Locked(ModelName name) =>
        name is { Source: ModelSource.Hub, Revision: null } && locked?.Models.GetValueOrDefault(name.ToString())?.Revision is { } revision
            ? ModelName.Parse($"{name}@{revision}")
            : name;

    /// <summary>Whether there is a lock and it holds the model.</summary>
    public bool HasLocked(ModelName name) => locked?.Models.ContainsKey(name.ToString()) == true;

    /// <summary>Whether the lock holds a model; true without a lock.</summary>
    public bool IsLocked(string name) => locked is null || locked.Models.ContainsKey(ModelName.Parse(name).ToString());

    /// <summary>What to say of models that are not there: one sentence a kind of name, with the command that gets them.</summary>
    /// <param name="names">Their names; at least one.</param>
    public string Missing(IEnumerable<string> names)
    {
        var parsed = names.Select(ModelName.Parse).Distinct().ToList();
        var hub = parsed.Where(name => name.Source == ModelSource.Hub).ToList();
        var sentences = new List<string>();
        if (hub.Count > 0)
        {
            var places = string.Join(", ", Places.Own.Select(root => $"{root}/ORG/NAME/REVISION"));
            sentences.Add(
                $"{(hub.Count == 1 ? "The model" : "The models")} {string.Join(", ", hub)} {(hub.Count == 1 ? "is" : "are")} not on this machine; "
                    + $"{(hub.Count == 1 ? "it" : "each")} must lie in {places} or in the Hugging Face cache {Places.HubCache}. "
                    + $"Get {(hub.Count == 1 ? "it" : "them")}: {Places.Command($"pull {string.Join(' ', hub)}")}"
            );
        }

        sentences.AddRange(
            parsed
                .Where(name => name.Source == ModelSource.Folder)
                .Select(name => $"The model {name} is no folder; it must be one with a model's files. Correct the path.")
        );
        sentences.AddRange(
            parsed
                .Where(name => name.Source == ModelSource.BuiltIn)
                .Select(name => $"The model {name} is none that the program ships; it must be one of: {Shipped()}. Correct the name.")
        );
        return string.Join('\n', sentences);
    }

    /// <summary>Every model that is there, those found first in front; a model of two places is there twice.</summary>
    public IReadOnlyList<ModelFolder> All() =>
        [
            .. HubCache.Folders(Places.BuiltIn).Where(ModelName.IsWord).Select(name => TryFind($"builtin:{name}")).OfType<ModelFolder>(),
            .. Places.Own.SelectMany(root =>
                from owner in HubCache.Folders(root)
                from repository in HubCache.Folders(Path.Combine(root, owner))
                where ModelName.Fault($"{owner}/{repository}") is null
                from revision in HubCache.Folders(Path.Combine(root, owner, repository))
                where ModelName.IsWord(revision)
                let name = ModelName.Parse($"{owner}/{repository}@{revision}")
                let found = At(name, Path.Combine(root, owner, repository, revision), Words(root), revision)
                where found is not null
                select found
            ),
            .. HubCache
                .All(Places.HubCache)
                .Select(found => ModelName.Parse($"{found.Id}@{found.Revision}"))
                .Select(name => At(name, HubCache.Find(Places.HubCache, name.Id, name.Revision ?? Main) ?? "", HubWords, name.Revision))
                .OfType<ModelFolder>(),
        ];

    /// <summary>The file that names the commit of a branch or tag.</summary>
    internal static string RefFile(string root, string id, string revision) => Path.Combine(root, id, Refs, revision);

    private string Words(string root) => root == Places.Given ? "models folder" : "cache";

    private string Shipped() =>
        string.Join(", ", HubCache.Folders(Places.BuiltIn).Select(name => $"builtin:{name}")) is { Length: > 0 } all ? all : "none";

    private static string Asked(ModelName name, LockedModel wanted) =>
        name is { Source: ModelSource.Hub, Revision: null } && wanted.Revision is { } revision ? $"{name}@{revision}" : name.ToString();

    private IEnumerable<string> Revisions(ModelName name)
    {
        if (name.Revision is { } asked)
        {
            return [asked];
        }

        var pinned = locked?.Models.GetValueOrDefault(name.ToString())?.Revision;
        return pinned is not null && ModelName.IsWord(pinned) && pinned != Main ? [pinned, Main] : [Main];
    }

    private ModelFolder? FindRevision(ModelName name, string revision)
    {
        foreach (var root in Places.Own)
        {
            var at =
                At(name, Path.Combine(root, name.Id, revision), Words(root), revision)
                ?? (
                    HubCache.Ref(RefFile(root, name.Id, revision)) is { } commit
                        ? At(name, Path.Combine(root, name.Id, commit), Words(root), commit)
                        : null
                );
            if (at is not null)
            {
                return at;
            }
        }

        return HubCache.Find(Places.HubCache, name.Id, revision) is { } snapshot
            ? At(name, snapshot, HubWords, Path.GetFileName(snapshot))
            : null;
    }

    /// <summary>Null when the folder is not there.</summary>
    private static ModelFolder? At(ModelName name, string path, string where, string? revision)
    {
        if (!Directory.Exists(path))
        {
            return null;
        }

        var folder = new ModelFolder
        {
            Name = name,
            Path = path,
            Where = where,
            Revision = revision,
            IsReadOnly = where is HubWords or ProgramWords,
        };
        var manifest = ModelManifest.Find(path);
        var terms = manifest?.Licence is { } stated ? new ModelLicence(stated, manifest.LicenceLink) : ModelCardHeader.LicenceOf(folder);
        return folder with
        {
            Revision = manifest?.Revision ?? revision,
            Terms =
                terms is { Link: null } && name.Source == ModelSource.Hub
                    ? terms with
                    {
                        Link = $"https://huggingface.co/{name.Id}",
                    }
                    : terms,
        };
    }
}
