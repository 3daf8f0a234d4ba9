using System.CommandLine;
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
    public static ClusterStore Open(ParseResult parsed, Option<string> option) => ClusterStore.Open(parsed.GetRequiredValue(option));
}
