using System.CommandLine;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs.Cluster;

namespace Pipeline.Host.Commands.Cluster;

/// <summary><c>--store</c>: the folder that the hosts of a cluster share.</summary>
internal static class StoreOption
{
    /// <summary>The option.</summary>
    /// <param name="required">Whether the command needs it.</param>
    public static Option<string> Create(bool required = true) =>
        new("--store")
        {
            Description = "A folder that all hosts see under the same path, as a path or file:///path. A run lies there under its id.",
            HelpName = "URI",
            Required = required,
        };

    /// <summary>The store that was named.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="option">The option.</param>
    /// <param name="plugins">What the process has besides the program's kinds; null for nothing.</param>
    public static ClusterStore Open(ParseResult parsed, Option<string> option, PluginFolder? plugins = null) =>
        ClusterStore.Open(parsed.GetRequiredValue(option), plugins is null ? null : () => plugins.Catalog);
}
