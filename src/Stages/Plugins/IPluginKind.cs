using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Plugins;

/// <summary>A kind of stage that came out of a plugin.</summary>
public interface IPluginKind : IRunnableKind
{
    /// <summary>The version of the plugin that the kind was loaded from.</summary>
    PluginIdentity Plugin { get; }
}
