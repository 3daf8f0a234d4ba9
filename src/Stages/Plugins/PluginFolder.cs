using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Plugins;

/// <summary>A folder of plugins that is watched: what is dropped there can be named in pipelines, without a restart.</summary>
/// <remarks>
/// The folder is looked at in turns, because networked folders announce nothing. A plugin is loaded when two looks find it the same, so that a copy in
/// progress is waited for. Its files are copied, checked and loaded from the copy; a newer version takes the older one's place in the catalog, and the older
/// one stays loaded until it is released. What cannot be used is refused with the reason, once, and what was there before stays. Files that are gone change
/// nothing: what they gave is served until the process ends.
/// </remarks>
public sealed class PluginFolder : IAsyncDisposable
{
    private const int LooksAtFirst = 5;

    private readonly PluginSettings settings;
    private readonly StageCatalog builtIn;
    private readonly Action<string> log;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource ending = new();
    private readonly Dictionary<string, string> seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> tried = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<IStageKind>> kinds = new(StringComparer.Ordinal);
    private readonly List<(LoadedPlugin Plugin, PluginCopy Copy)> loaded = [];
    private Task watching = Task.CompletedTask;
    private string? fault;
    private volatile StageCatalog catalog;

    private PluginFolder(PluginSettings settings, StageCatalog builtIn, Action<string> log, TimeProvider clock)
    {
        this.settings = settings;
        this.builtIn = builtIn;
        this.log = log;
        this.clock = clock;
        catalog = builtIn;
    }

    /// <summary>Called when the catalog is another one, from the task that watches.</summary>
    public event EventHandler? Changed;

    /// <summary>The program's kinds and those of the folder, as of now: it never changes, a new one takes its place.</summary>
    public StageCatalog Catalog => catalog;

    /// <summary>How a kind is served: what is a plugin's with care, what is the program's own without.</summary>
    public Precautions Precautions(IStageKind kind) =>
        kind is IPluginKind
            ? new Precautions
            {
                Isolated = settings.Isolated,
                TimeLimit = settings.TimeLimit,
                DisposeLimit = settings.DisposeLimit,
            }
            : Runs.Precautions.None;

    /// <summary>Loads what lies in the folder and begins to watch it. What is being copied just now is waited for a few seconds.</summary>
    /// <param name="settings">Which folder, and what it may give.</param>
    /// <param name="builtIn">The program's kinds, whose names are taken.</param>
    /// <param name="log">Told what is loaded and what is refused, a sentence each.</param>
    /// <param name="clock">Measures the time between looks.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="DirectoryNotFoundException">The folder is not there.</exception>
    public static async Task<PluginFolder> OpenAsync(
        PluginSettings settings,
        StageCatalog builtIn,
        Action<string> log,
        TimeProvider clock,
        CancellationToken stop
    )
    {
        if (!Directory.Exists(settings.Folder))
        {
            throw new DirectoryNotFoundException(
                $"The plugin folder {settings.Folder} is not there; it must be a folder. Make it, or name another by --plugins."
            );
        }

        var folder = new PluginFolder(settings, builtIn, log, clock);
        try
        {
            for (var look = 0; await folder.LookAsync(isFirst: look == 0, stop) && look < LooksAtFirst; look++)
            {
                await Task.Delay(settings.Every, clock, stop);
            }
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }

        folder.watching = Task.Run(folder.WatchAsync, CancellationToken.None);
        return folder;
    }

    /// <summary>Whether kinds of a version are in the catalog.</summary>
    public bool IsInForce(PluginIdentity plugin) => catalog.Kinds.OfType<IPluginKind>().Any(kind => kind.Plugin == plugin);

    /// <summary>Unloads a version that another one has replaced: to be called when nothing is served from it any more.</summary>
    /// <exception cref="InvalidOperationException">The version is in the catalog.</exception>
    public void Release(PluginIdentity plugin)
    {
        if (IsInForce(plugin))
        {
            throw new InvalidOperationException($"The plugin {plugin} is the one in force; it must be a replaced one to be released.");
        }

        lock (loaded)
        {
            foreach (var (old, copy) in loaded.Where(pair => pair.Plugin.Identity == plugin).ToList())
            {
                loaded.Remove((old, copy));
                old.Unload();
                copy.Dispose();
            }
        }
    }

    /// <summary>Stops watching and lets go of every plugin.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await watching;
        ending.Dispose();
        foreach (var (plugin, copy) in loaded)
        {
            plugin.Unload();
            copy.Dispose();
        }

        loaded.Clear();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(settings.Every, clock, ending.Token);
                await LookAsync(isFirst: false, ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // it is over
        }
    }

    /// <summary>Loads what is new and has settled; true when something is still being written.</summary>
    private async Task<bool> LookAsync(bool isFirst, CancellationToken stop)
    {
        var moving = false;
        try
        {
            var allowed = settings.AllowList is { } list && File.Exists(list) ? File.GetLastWriteTimeUtc(list).Ticks : 0;
            foreach (var files in PluginFiles.In(settings.Folder))
            {
                var stamp = FormattableString.Invariant($"{files.Stamp()}\n{allowed}");
                if (seen.GetValueOrDefault(files.Path) != stamp && !(isFirst && IsOld(files)))
                {
                    (seen[files.Path], moving) = (stamp, true);
                }
                else if (tried.GetValueOrDefault(files.Path) != stamp)
                {
                    (seen[files.Path], tried[files.Path]) = (stamp, stamp);
                    await TryTakeAsync(files, stop);
                }
            }

            fault = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (fault != error.Message)
            {
                log($"The plugin folder {settings.Folder} is not readable ({error.Message}); what was loaded from it stays.");
            }

            fault = error.Message;
        }

        return moving;
    }

    /// <summary>Whether nobody has written it for so long that it cannot be a copy in progress.</summary>
    private bool IsOld(PluginFiles files) => clock.GetUtcNow().UtcDateTime - files.Written() > 2 * settings.Every;

    private async Task TryTakeAsync(PluginFiles files, CancellationToken stop)
    {
        var before = catalog;
        try
        {
            await (files.IsManifest ? TakeManifestAsync(files, stop) : TakePluginAsync(files, stop));
        }
        catch (Exception error) when (error is PluginException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            var kept = kinds.ContainsKey(files.Path) ? " The version that was loaded before stays." : "";
            log($"The plugin {files.Path} is refused: {error.Message}{kept}");
        }

        if (!ReferenceEquals(before, catalog))
        {
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }

    private async Task TakeManifestAsync(PluginFiles files, CancellationToken stop)
    {
        var manifest = StageManifest.Read(await File.ReadAllBytesAsync(files.Path, stop), files.Path);
        Take(files.Path, [new ForeignKind(manifest)]);
        log($"The manifest {files.Path} is read: the kind {manifest.Name} {manifest.Version}, served by its own program.");
    }

    private async Task TakePluginAsync(PluginFiles files, CancellationToken stop)
    {
        var copy = PluginCopy.Of(files);
        LoadedPlugin? plugin = null;
        try
        {
            if (!IsLoaded(files.Path, copy))
            {
                Check(copy);
                plugin = await LoadedPlugin.LoadAsync(copy.Assembly, copy.Identity, settings.Limit, clock, stop);
                Take(files.Path, plugin.Kinds);
            }
        }
        catch
        {
            plugin?.Unload();
            copy.Dispose();
            throw;
        }

        if (plugin is null)
        {
            copy.Dispose();
            return;
        }

        lock (loaded)
        {
            loaded.Add((plugin, copy));
        }

        var list = string.Join(", ", plugin.Kinds.Select(kind => $"{kind.Name} {kind.Version}"));
        log($"The plugin {files.Path} is loaded (SHA-256 {copy.Identity.Sha256}): {list}.");
    }

    private bool IsLoaded(string path, PluginCopy copy) =>
        kinds.GetValueOrDefault(path)?.OfType<IPluginKind>().Any(kind => kind.Plugin == copy.Identity) == true;

    /// <summary>Checks that the code is that which the operator allows.</summary>
    /// <exception cref="PluginException">It may not be loaded.</exception>
    private void Check(PluginCopy copy)
    {
        if (settings.Unchecked)
        {
            return;
        }

        var list = settings.AllowList is { } path
            ? AllowList.Read(path)
            : throw new PluginException(
                "no list says what may be loaded; its code must be in one. Name a list that sha256sum wrote by --plugins-allow, or trust the folder by --plugins-unchecked."
            );
        list.Check(copy);
    }

    /// <summary>Puts what a file gives into the catalog, in place of what it gave before.</summary>
    /// <exception cref="PluginException">A name is taken.</exception>
    private void Take(string path, IReadOnlyList<IStageKind> taken)
    {
        foreach (var kind in taken)
        {
            var owner = builtIn.TryFind(kind.Name, out _)
                ? "the program"
                : kinds.FirstOrDefault(other => other.Key != path && other.Value.Any(found => found.Name == kind.Name)).Key;
            if (owner is not null)
            {
                throw new PluginException(
                    $"its kind is named {kind.Name}, as one of {owner} is; names must differ. Rename the kind, or remove the other plugin."
                );
            }
        }

        kinds[path] = taken;
        catalog = new StageCatalog([.. builtIn.Kinds, .. kinds.Values.SelectMany(found => found)]);
    }
}
