using System.Collections.Concurrent;
using System.Security.Cryptography;
using Pipeline.Plugins;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Plugins;

/// <summary>A plugin folder that is watched, and what was said of it.</summary>
internal sealed class WatchedFolder : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<string> log = new();
    private PluginFolder? plugins;

    /// <summary>Where plugins are dropped.</summary>
    public string Path => folder.Path;

    /// <summary>All that was said, a line each.</summary>
    public string Log => string.Join('\n', log);

    public PluginFolder Plugins => plugins ?? throw new InvalidOperationException("The folder is not open; it must be.");

    public IPluginKind Kind(string name) => (IPluginKind)Plugins.Catalog.Find(name);

    public async Task<WatchedFolder> OpenAsync(string? allowList = null, bool isUnchecked = true)
    {
        plugins = await PluginFolder.OpenAsync(
            new PluginSettings
            {
                Folder = Path,
                AllowList = allowList,
                Unchecked = isUnchecked && allowList is null,
                Every = TimeSpan.FromMilliseconds(50),
                Limit = TimeSpan.FromSeconds(2),
            },
            RunSession.Catalog,
            log.Enqueue,
            TimeProvider.System,
            CancellationToken.None
        );
        return this;
    }

    /// <summary>Compiles a plugin into the folder.</summary>
    public string Drop(string source, string name = "Numbers", Version? sdk = null) => PluginCompiler.Compile(Path, name, source, sdk);

    /// <summary>Waits for a sentence.</summary>
    public Task SaidAsync(string part) => UntilAsync(() => Log.Contains(part, StringComparison.Ordinal), $"'{part}' in:\n{Log}");

    /// <summary>Waits for the catalog.</summary>
    public Task HasAsync(Func<StageCatalog, bool> wanted) => UntilAsync(() => wanted(Plugins.Catalog), "the catalog");

    public static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    public async ValueTask DisposeAsync()
    {
        if (plugins is not null)
        {
            await plugins.DisposeAsync();
        }

        folder.Dispose();
    }

    private static async Task UntilAsync(Func<bool> wanted, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!wanted())
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited {Patience} for {what}.");
            }

            await Task.Delay(10);
        }
    }
}
