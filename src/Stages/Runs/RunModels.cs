using Pipeline.Models.Hub;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>The models that a pipeline names, all found on this machine, as their lock has them and with their licences accepted.</summary>
public sealed class RunModels
{
    private RunModels(ModelLibrary library, IReadOnlyList<ModelFolder> found, ModelLock models) =>
        (Library, Found, Lock) = (library, found, models);

    /// <summary>The library, in which each of them must stay as it is now.</summary>
    public ModelLibrary Library { get; }

    /// <summary>Their folders, in the pipeline's order, each once.</summary>
    public IReadOnlyList<ModelFolder> Found { get; }

    /// <summary>What they are, file by file.</summary>
    public ModelLock Lock { get; }

    /// <summary>Hashes of what they hold, in the order of <see cref="Found"/>.</summary>
    public IEnumerable<string> Contents => Found.Select(Library.ContentOf);

    /// <summary>Finds and checks them; writes nothing and opens no connection.</summary>
    /// <param name="pipeline">The resolved pipeline.</param>
    /// <param name="library">The models on this machine.</param>
    /// <param name="file">The pipeline file, beside which a lock may lie; a preset has none.</param>
    /// <param name="mayLack">Whether the lock may lack a model: that of an output directory does, when a stage was added while the run went on.</param>
    /// <exception cref="PipelineFileException">With all that is wrong: names, missing models, models that differ from the lock, licences that nobody accepted.</exception>
    public static RunModels Of(PipelineDefinition pipeline, ModelLibrary library, string file, bool mayLack = false)
    {
        var names = pipeline.Stages.SelectMany(stage => stage.Options.Models).Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0)
        {
            return new RunModels(library, [], new ModelLock());
        }

        var bad = names.Select(ModelName.Fault).OfType<string>().ToList();
        if (bad.Count > 0)
        {
            throw new PipelineFileException(bad);
        }

        var models = File.Exists(file) ? ModelLock.Find(Path.GetDirectoryName(Path.GetFullPath(file)) ?? "") : null;
        var locked = library.With(models);
        var places = library.Places;
        var missing = names.Where(name => locked.TryFind(name) is null).ToList();
        var found = names.Select(locked.TryFind).OfType<ModelFolder>().ToList();
        var now = found.ConvertAll(folder => (Folder: folder, Files: ModelLibrary.FilesOf(folder)));
        List<string> faults =
        [
            .. missing.Count > 0 ? locked.Missing(missing).Split('\n') : [],
            .. now.Select(model => locked.Difference(model.Folder, model.Files)).OfType<string>(),
            .. names
                .Where(name => !mayLack && !locked.IsLocked(name))
                .Select(name =>
                    $"The model {name} is not in {ModelLock.FileName} beside {file}; every model of the pipeline must be there once the lock is. Lock it: {places.Command($"lock --file {file}")}"
                ),
            .. found
                .Where(folder => folder.Terms is { IsRestricted: true } && AcceptedLicences.Find(places, folder) is null)
                .Select(folder =>
                    $"The licence of {folder.Name} is {folder.Licence}, which restricts what the model may be used for or by whom; it must be accepted once. Read it, then: {places.Command($"accept {folder.Name}")}"
                ),
        ];
        return faults.Count == 0 ? new RunModels(library.With(LockOf(now)), found, LockOf(now)) : throw new PipelineFileException(faults);
    }

    private static ModelLock LockOf(IEnumerable<(ModelFolder Folder, IReadOnlyList<ModelFile> Files)> models)
    {
        var made = new ModelLock();
        foreach (var (folder, files) in models)
        {
            made.Models[folder.Name.ToString()] = ModelLock.Of(folder, files);
        }

        return made;
    }
}
