using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Plugins;

/// <summary>A kind of stage that came out of a plugin.</summary>
public interface IPluginKind : IRunnableKind
{
    /// <summary>The version of the plugin that the kind was loaded from.</summary>
    PluginIdentity Plugin { get; }

    /// <summary>Path of the copy of the assembly that was loaded, in a folder of its own with all that belongs to it: what another process loads to have the same.</summary>
    string Assembly { get; }
}
