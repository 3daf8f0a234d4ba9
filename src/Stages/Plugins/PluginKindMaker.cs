using Pipeline.Sdk;
using Pipeline.Shards.Records;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Plugins;

/// <summary>Makes a plugin's kind one that the program can serve, and checks all that would otherwise fail at its first batch.</summary>
internal sealed class PluginKindMaker(PluginIdentity plugin, string assembly) : IStageKindVisitor<IPluginKind>
{
    private const string Sample = "sample_id";

    private const string Variant = "variant_id";

    /// <inheritdoc/>
    /// <exception cref="PluginException">The kind cannot be served.</exception>
    /// <exception cref="ArgumentException">Its options cannot be read from a pipeline file.</exception>
    /// <exception cref="Shards.ShardColumnException">Its rows cannot be columns.</exception>
    public IPluginKind Visit<TOptions, TIn, TItem, TResult, TOut>(StageKind<TOptions, TIn, TItem, TResult, TOut> kind)
        where TOptions : class, IStageOptions, new()
        where TIn : class, ISampleRow
        where TOut : class
    {
        var made = new PluginRowKind<TOptions, TIn, TItem, TResult, TOut>(kind, plugin, assembly);
        StageOption.Of(new TOptions());
        var type = kind.GetType().Name;
        Refuse(!StageName.IsGood(made.Name), $"The kind {type} is named '{made.Name}'; it must be {StageName.Wanted}. Rename it.");
        Refuse(made.Version < 1, $"The version of {type} is {made.Version}; it must be 1 or more. Correct it.");
        var unread = ShardRows.Fields<TIn>().Count - made.ReadTypes.Count;
        Refuse(
            made.Reads.Count == 0 || unread > 0,
            $"{typeof(TIn).Name}, which {type} reads, says of {(unread > 0 ? $"{unread} of its properties" : "no property")} not where from; each must say so. Mark it with [Reads(stage, column)]."
        );
        Refuse(
            !made.Adds.Contains(Sample),
            $"{typeof(TOut).Name}, which {type} writes, has no {Sample}; it must have the row's key. Give it a property SampleId."
        );
        Refuse(
            !made.Adds.Contains(Variant)
                && made.Reads.Concat(made.OptionalReads).Any(column => column.EndsWith($".{Variant}", StringComparison.Ordinal)),
            $"{typeof(TOut).Name}, which {type} writes, has no {Variant}; it must have one, as the stage reads variants. Give it a property VariantId."
        );
        return made;
    }

    private static void Refuse(bool wrong, string reason)
    {
        if (wrong)
        {
            throw new PluginException(reason);
        }
    }
}
