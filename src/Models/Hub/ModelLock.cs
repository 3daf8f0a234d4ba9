using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Models.Weights;

namespace Pipeline.Models.Hub;

/// <summary>What the models of a pipeline are, file by file: <c>models.lock</c> beside the pipeline file, and in the output directory of a run.</summary>
/// <remarks>Sorted and laid out one value a line, so that two of them compare well.</remarks>
public sealed record ModelLock
{
    /// <summary>Its file's name.</summary>
    public const string FileName = "models.lock";

    private const int MostBytes = 16 << 20;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The models by name, as the pipeline writes it.</summary>
    public SortedDictionary<string, LockedModel> Models { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The lock that lies in a folder; null when there is none.</summary>
    /// <param name="folder">That of the pipeline file, or a run's output directory.</param>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static ModelLock? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        return new FileInfo(path).Length <= MostBytes
            ? Read(File.ReadAllBytes(path), path)
            : throw new InvalidDataException($"{path} is larger than {MostBytes} bytes; a lock of models must be smaller. Remove it.");
    }

    /// <summary>The lock that a file holds.</summary>
    /// <param name="bytes">What it holds.</param>
    /// <param name="path">Its name, for errors.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ModelLock Read(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ModelLock>(bytes, Form) is { } read ? Checked(read) : throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is no lock of models ({error.Message}); it must be as it was written. Remove it and write it anew: pipeline models lock --file PIPELINE",
                error
            );
        }
    }

    /// <summary>The entry of a model as it is now.</summary>
    public static LockedModel Of(ModelFolder folder, IReadOnlyList<ModelFile> files) =>
        new()
        {
            Revision = folder.Revision,
            Licence = folder.Licence,
            Files = new SortedDictionary<string, LockedFile>(
                files.ToDictionary(file => file.Path, file => new LockedFile(file.Size, file.Sha256), StringComparer.Ordinal),
                StringComparer.Ordinal
            ),
        };

    /// <summary>Writes the lock into a folder, whole or not at all.</summary>
    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(ToBytes()));

    /// <summary>Its text.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Form), (byte)'\n'];

    private static ModelLock Checked(ModelLock read) =>
        read.Models.Values.Any(model => model is null || model.Files is null || model.Files.Values.Any(file => file?.Sha256 is null))
            ? throw new JsonException("a model or file of it is null")
            : read with
            {
                Models = new SortedDictionary<string, LockedModel>(read.Models, StringComparer.Ordinal),
            };
}

/// <summary>A model as a lock holds it.</summary>
public sealed record LockedModel
{
    /// <summary>The commit, branch or tag; null where there is none.</summary>
    public string? Revision { get; init; }

    /// <summary>The licence, an SPDX id or an address; null when the model's files do not say it.</summary>
    public string? Licence { get; init; }

    /// <summary>The files that decide what it gives, by path.</summary>
    public SortedDictionary<string, LockedFile> Files { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Hash of the bytes of its files, as <see cref="ModelLibrary.ContentOf"/> gives it.</summary>
    [JsonIgnore]
    public string Content => ModelFiles.Content([.. Files.Select(file => new ModelFile(file.Key, file.Value.Size, file.Value.Sha256))]);

    /// <summary>What is different from this in the files that were found; null when nothing is.</summary>
    /// <param name="files">As they are now.</param>
    /// <returns>Which file is what, and what it must be.</returns>
    internal string? Difference(IReadOnlyList<ModelFile> files)
    {
        var found = files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        foreach (var (path, wanted) in Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            if (!found.Remove(path, out var file))
            {
                return $"{path} is missing; it must have SHA-256 {wanted.Sha256} ({wanted.Size} bytes)";
            }

            if (file.Sha256 != wanted.Sha256)
            {
                return $"{path} has SHA-256 {file.Sha256} ({file.Size} bytes); it must be {wanted.Sha256} ({wanted.Size} bytes)";
            }
        }

        return found.Keys.Order(StringComparer.Ordinal).FirstOrDefault() is { } more ? $"{more} is there; the lock has no such file" : null;
    }
}

/// <summary>A file as a lock holds it.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public sealed record LockedFile(long Size, string Sha256);
