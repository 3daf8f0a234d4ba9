using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>A model's weights in one safetensors file, or in the shards that an index names; read tensor by tensor.</summary>
/// <remarks>Files of pickles are never opened here: their names are refused with the command that converts them.</remarks>
public sealed class WeightFiles : IWeights, IDisposable
{
    private const string Extension = ".safetensors";
    private static readonly string[] PickleExtensions = [".bin", ".pt", ".pth", ".ckpt", ".pkl"];
    private readonly IReadOnlyList<SafetensorsFile> files;
    private readonly IReadOnlyDictionary<string, SafetensorsFile> owners;

    private WeightFiles(string path, IReadOnlyList<SafetensorsFile> files, IReadOnlyDictionary<string, SafetensorsFile> owners)
    {
        Path = path;
        this.files = files;
        this.owners = owners;
        Entries = new SortedDictionary<string, SafetensorsEntry>(
            owners.ToDictionary(item => item.Key, item => item.Value.Entries[item.Key]),
            StringComparer.Ordinal
        );
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>Opens <c>{stem}.safetensors</c>, or else the shards of <c>{stem}.safetensors.index.json</c>.</summary>
    /// <param name="folder">A model's folder, or the part of it that holds the weights.</param>
    /// <param name="stem"><c>model</c> (transformers), <c>diffusion_pytorch_model</c> (diffusers), with a variant: <c>model.fp16</c>.</param>
    /// <exception cref="InvalidDataException">The files break their format or do not agree with the index, or only files of pickles are there.</exception>
    /// <exception cref="FileNotFoundException">There are no weights of that stem; the message says which there are.</exception>
    public static WeightFiles Open(string folder, string stem = "model")
    {
        var single = System.IO.Path.Combine(folder, stem + Extension);
        var index = ShardIndex.PathOf(single);
        return File.Exists(single) ? OpenFile(single)
            : File.Exists(index) ? OpenShards(index)
            : throw Missing(folder, stem);
    }

    /// <summary>Opens one safetensors file.</summary>
    /// <exception cref="InvalidDataException">The file breaks the format, or its name is that of a file of pickles.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static WeightFiles OpenFile(string path)
    {
        if (IsPickle(path))
        {
            throw Pickles(path);
        }

        var file = SafetensorsFile.Read(path);
        return new WeightFiles(path, [file], file.Entries.Keys.ToDictionary(name => name, _ => file));
    }

    /// <inheritdoc/>
    public Tensor Tensor(string name) => Owner(name).Tensor(name);

    /// <inheritdoc/>
    public Tensor Tensor(string name, ComputeType compute) => Owner(name).Tensor(name, compute);

    /// <inheritdoc/>
    public Tensor View(string name, ComputeType compute) => Owner(name).View(name, compute);

    /// <summary>Closes the files; tensors that were read stay.</summary>
    public void Dispose()
    {
        foreach (var file in files)
        {
            file.Dispose();
        }
    }

    private SafetensorsFile Owner(string name) =>
        owners.TryGetValue(name, out var file)
            ? file
            : throw new InvalidDataException(
                $"{Path}: tensor {name} is missing; there are {owners.Count} others. Take the weights of another model."
            );

    private static WeightFiles OpenShards(string index)
    {
        var shards = ShardIndex.Read(index);
        var opened = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (var shard in shards.Files)
            {
                opened.Add(shard, SafetensorsFile.Read(shards.ShardPath(shard)));
            }

            shards.Check(opened.ToDictionary(item => item.Key, item => item.Value.Entries.Keys));
            return new WeightFiles(index, [.. opened.Values], shards.Map.ToDictionary(item => item.Key, item => opened[item.Value]));
        }
        catch
        {
            foreach (var file in opened.Values)
            {
                file.Dispose();
            }

            throw;
        }
    }

    private static Exception Missing(string folder, string stem)
    {
        if (!Directory.Exists(folder))
        {
            return new DirectoryNotFoundException(
                $"The model folder {folder} is not there; it must hold {stem}{Extension}. Correct its name."
            );
        }

        var names = Directory
            .EnumerateFiles(folder)
            .Select(System.IO.Path.GetFileName)
            .OfType<string>()
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (Array.Find(names, IsPickle) is { } pickle)
        {
            return Pickles(System.IO.Path.Combine(folder, pickle));
        }

        var others = names.Where(name => name.EndsWith(Extension, StringComparison.Ordinal)).ToArray();
        return new FileNotFoundException(
            $"{folder}: {stem}{Extension} is missing and so is its index {System.IO.Path.GetFileName(ShardIndex.PathOf(stem + Extension))}; "
                + $"the folder holds {(others.Length == 0 ? "no weights" : string.Join(", ", others))}. Fetch the model again, or name its folder."
        );
    }

    /// <summary>Whether a file is by its name one of pickles, which are never opened here.</summary>
    public static bool IsPickle(string path) =>
        PickleExtensions.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static InvalidDataException Pickles(string path) =>
        new(
            $"{path} is a file of pickles, which can run code; weights must be safetensors. "
                + $"Convert it without running anything: pipeline models convert {path}"
        );
}
