namespace Pipeline.Stages.Plugins;

/// <summary>Where plugins are taken from, and which.</summary>
public sealed record PluginSettings
{
    /// <summary>The folder: <c>NAME/NAME.dll</c> with all that belongs to it, <c>NAME.dll</c> alone, or <c>NAME.stage.json</c> of a stage in another language.</summary>
    public required string Folder { get; init; }

    /// <summary>File in the form of <c>sha256sum</c> that lists every .dll and .so that may be loaded; null when no plugin may be, unless <see cref="Unchecked"/>.</summary>
    public string? AllowList { get; init; }

    /// <summary>True to load whatever lies in the folder: whoever can write there then runs code as this process.</summary>
    public bool Unchecked { get; init; }

    /// <summary>True to serve its stages in child processes, which may crash.</summary>
    public bool Isolated { get; init; }

    /// <summary>In which each call of one of its stages for a batch must come back; ten minutes, as a slow model on a processor may take some.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For one of its stages to be disposed; one that takes longer is left behind.</summary>
    public TimeSpan DisposeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two looks at the folder. A plugin is loaded when two looks find it the same, so it is served within two of these.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For a plugin's kinds to be made; one that takes longer is refused.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(10);
}
