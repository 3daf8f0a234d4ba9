using System.Globalization;
using Pipeline.Models.Onnx;

namespace Pipeline.Models.Clip;

/// <summary>A share of the towers of one folder's content; the last share to go frees them.</summary>
internal sealed class SharedTowers : IDisposable
{
    private static readonly Dictionary<string, Entry> Known = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();
    private readonly string key;
    private bool isGiven;

    private SharedTowers(string key, IClipTowers value)
    {
        this.key = key;
        Value = value;
    }

    /// <summary>The towers; used only while this share is held.</summary>
    public IClipTowers Value { get; }

    /// <summary>Loads the towers, or shares those that are loaded: of equal files (by name, length and time) and equal settings.</summary>
    public static SharedTowers Take(string folder, ClipConfig config, ClipSettings settings)
    {
        var wanted = $"{Content(folder)} {settings.TowerKey}";
        lock (Gate)
        {
            if (!Known.TryGetValue(wanted, out var entry))
            {
                entry = new Entry(Load(folder, config, settings));
                Known.Add(wanted, entry);
            }

            entry.Shares++;
            return new SharedTowers(wanted, entry.Towers);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Gate)
        {
            if (isGiven)
            {
                return;
            }

            isGiven = true;
            var entry = Known[key];
            if (--entry.Shares == 0)
            {
                Known.Remove(key);
                entry.Towers.Dispose();
            }
        }
    }

    private static IClipTowers Load(string folder, ClipConfig config, ClipSettings settings)
    {
        var isOnnx =
            settings.Backend == ClipBackend.Onnx
            || (settings.Backend == ClipBackend.Auto && (settings.Variant != OnnxFolder.Plain || OnnxTowers.AreIn(folder, settings)));
        return isOnnx ? OnnxTowers.Open(folder, config, settings) : TorchTowers.Load(folder, config, settings);
    }

    private static string Content(string folder)
    {
        var root = new DirectoryInfo(Path.GetFullPath(folder));
        var files = root.EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(file => (Name: file.FullName, Target: file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file =>
                string.Create(CultureInfo.InvariantCulture, $"{file.Name} {file.Target.Length} {file.Target.LastWriteTimeUtc.Ticks}")
            );
        return string.Join('\n', files);
    }

    private sealed class Entry(IClipTowers towers)
    {
        public IClipTowers Towers { get; } = towers;

        public int Shares { get; set; }
    }
}
