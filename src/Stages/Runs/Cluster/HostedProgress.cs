using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>How far a submitted run is, as the host that leads it says.</summary>
/// <param name="Host">The host that leads.</param>
/// <param name="Sequence">Of the submission that it serves.</param>
/// <param name="Progress">How far it is.</param>
public sealed record HostedProgress(string Host, int Sequence, RunProgress Progress)
{
    /// <summary>Web names; the share of a micro-batch may be not a number.</summary>
    internal static JsonSerializerOptions Form { get; } =
        new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };
}
