using System.IO.Enumeration;
using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>How the names and types of a file become those of a network.</summary>
public sealed record WeightLoading
{
    /// <summary>Stands before every name in the file, with its dot: <c>vision_model.</c>. Tensors of other prefixes are not looked at.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The type in which the network computes; its floating-point tensors become that, except <see cref="InFloat32"/> and layers that keep statistics (batch normalisation).</summary>
    public ComputeType Compute { get; init; } = ComputeType.Float32;

    /// <summary>Names of the network (with <c>*</c>) that stay float32 whatever <see cref="Compute"/> says.</summary>
    public IReadOnlyList<string> InFloat32 { get; init; } = [];

    /// <summary>Names (with <c>*</c>) that the file may hold and the network has no use for: <c>*.position_ids</c>, a buffer of older exports.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>Names of the network (with <c>*</c>) that the file may lack: they keep the value that they have.</summary>
    public IReadOnlyList<string> Optional { get; init; } = [];

    /// <summary>Parts of older names and what they are called now, whole words between dots: <c>gamma</c> is <c>weight</c>. Applied in this order, after the prefix.</summary>
    public IReadOnlyList<(string Old, string Now)> Renamed { get; init; } = [];

    /// <summary>The network's name of a tensor, or null if it lies outside the prefix or is ignored.</summary>
    internal string? NameOf(string stored)
    {
        if (!stored.StartsWith(Prefix, StringComparison.Ordinal) || Matches(Ignored, stored))
        {
            return null;
        }

        var name = $".{stored[Prefix.Length..]}.";
        foreach (var (old, now) in Renamed)
        {
            name = name.Replace($".{old}.", $".{now}.", StringComparison.Ordinal);
        }

        return name[1..^1];
    }

    /// <summary>The type of one tensor of a network that has the tensors <paramref name="state"/>.</summary>
    internal ComputeType ComputeOf(string name, Dictionary<string, Tensor> state) =>
        Matches(InFloat32, name) || state.ContainsKey($"{name[..(name.LastIndexOf('.') + 1)]}running_mean") ? ComputeType.Float32 : Compute;

    internal bool MayLack(string name) => Matches(Optional, name);

    private static bool Matches(IReadOnlyList<string> patterns, string name) =>
        patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}
