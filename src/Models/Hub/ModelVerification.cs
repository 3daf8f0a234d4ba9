using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Models.Hub;

/// <summary>What came of hashing a model's files.</summary>
/// <param name="Folder">The model.</param>
/// <param name="Checked">Files that are as they must be.</param>
/// <param name="Unknown">Files that nothing says a hash of: those that were made here, or copied here.</param>
/// <param name="Faults">What is wrong, a sentence a file; empty when nothing is.</param>
public sealed record ModelVerification(ModelFolder Folder, int Checked, IReadOnlyList<string> Unknown, IReadOnlyList<string> Faults)
{
    /// <summary>Hashes a model's files and compares them with its manifest; in the Hugging Face cache, with the names of its blobs.</summary>
    /// <exception cref="InvalidDataException">A link among the files leads out of the model.</exception>
    public static ModelVerification Of(ModelFolder folder)
    {
        var manifest = ModelManifest.Find(folder.Path)?.Files.ToDictionary(file => file.Path, StringComparer.Ordinal) ?? [];
        var (good, unknown, faults) = (0, new List<string>(), new List<string>());
        foreach (var file in ModelFiles.Of(folder, afresh: true))
        {
            var wanted = manifest.Remove(file.Path, out var listed) ? listed.Sha256 : BlobName(folder, file);
            if (wanted is null)
            {
                unknown.Add(file.Path);
                continue;
            }

            var found = wanted.Length == 40 ? GitBlob(Path.Combine(folder.Path, file.Path)) : file.Sha256;
            if (found == wanted)
            {
                good++;
            }
            else
            {
                faults.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{file.Path} has the hash {found} ({file.Size} bytes); it must be {wanted}. Remove the folder and pull the model again."
                    )
                );
            }
        }

        faults.AddRange(
            manifest
                .Values.Where(file => !File.Exists(Path.Combine(folder.Path, file.Path)))
                .Select(file => $"{file.Path} is missing; the manifest has it. Remove the folder and pull the model again.")
        );
        return new ModelVerification(folder, good, unknown, faults);
    }

    /// <summary>A blob of the Hugging Face cache is named by what it holds: SHA-256, or git's hash of small files.</summary>
    private static string? BlobName(ModelFolder folder, ModelFile file)
    {
        var real = RealPath.Of(Path.Combine(folder.Path, file.Path));
        var name = Path.GetFileName(real);
        return Path.GetFileName(Path.GetDirectoryName(real)) == "blobs" && name.Length is 40 or 64 && name.All(char.IsAsciiHexDigitLower)
            ? name
            : null;
    }

    private static string GitBlob(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        using var file = File.OpenRead(path);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Length}\0")));
        var buffer = new byte[1 << 16];
        while (file.Read(buffer) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
