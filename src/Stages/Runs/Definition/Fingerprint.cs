using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Pipeline.Sdk;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>What a stage's output depends on besides its input shards, in one hash.</summary>
public static class Fingerprint
{
    /// <summary>XxHash128 of the kind's name and version, the seed, every option that decides (<see cref="ContentNeutralAttribute"/>, <see cref="AddedLaterAttribute"/>), and the artifacts.</summary>
    /// <param name="kind">The stage's kind; its name in the pipeline has no part.</param>
    /// <param name="options">Its settings, defaults too: a changed default is another fingerprint.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="artifacts">What it needs by name, and files of models; content is a hash of it. In any order; names differ.</param>
    /// <returns>32 lower-case hexadecimal digits, equal in every culture and on every machine.</returns>
    /// <exception cref="ArgumentException">Two artifacts have one name.</exception>
    public static string Of(IStageKind kind, IStageOptions options, long seed, IEnumerable<(string Name, string Content)> artifacts)
    {
        var given = artifacts.OrderBy(artifact => artifact.Name, StringComparer.Ordinal).ToArray();
        if (given.GroupBy(artifact => artifact.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"The artifact {twice.Key} is given {twice.Count()} times; it must be given once.",
                nameof(artifacts)
            );
        }

        IEnumerable<string> lines =
        [
            $"kind={OptionValue.Quoted(kind.Name)}",
            $"version={kind.Version.ToString(CultureInfo.InvariantCulture)}",
            $"seed={seed.ToString(CultureInfo.InvariantCulture)}",
            .. StageOption.Deciding(options).Select(option => $"option.{option.Name}={OptionValue.Text(option.Get(options))}"),
            .. given.Select(artifact => $"artifact.{OptionValue.Quoted(artifact.Name)}={OptionValue.Quoted(artifact.Content)}"),
        ];
        return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }
}
