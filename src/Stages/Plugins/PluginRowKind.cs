using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Plugins;

/// <summary>A plugin's kind as the program's own are. What the plugin says of itself is asked once.</summary>
internal sealed class PluginRowKind<TOptions, TIn, TItem, TResult, TOut>(
    StageKind<TOptions, TIn, TItem, TResult, TOut> kind,
    PluginIdentity plugin,
    string assembly
) : RowStageKind<TOptions, TIn, TItem, TResult, TOut>, IPluginKind
    where TOptions : class, IStageOptions, new()
    where TIn : class, ISampleRow
    where TOut : class
{
    /// <inheritdoc/>
    public override string Name { get; } = kind.Name;

    /// <inheritdoc/>
    public override int Version { get; } = kind.Version;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = [.. kind.Needs];

    /// <inheritdoc/>
    public PluginIdentity Plugin => plugin;

    /// <inheritdoc/>
    public string Assembly => assembly;

    /// <inheritdoc/>
    protected override (IStage<TIn, TItem, TResult, TOut> Stage, FlowOptions Flow) Build(TOptions options, StageSite site)
    {
        var context = new StageContext
        {
            InputRoot = Path.GetFullPath(site.Run.InputRoot),
            Seed = site.Run.Seed,
            ClassNames = site.Run.ClassNames,
            Artifacts = Needs.ToDictionary(
                name => name,
                name => Path.GetFullPath(Path.Combine(site.Run.Output, site.Run.Artifacts[name].Uri)),
                StringComparer.Ordinal
            ),
            BatchRows = BatchRows(site),
            Clock = site.Run.Clock,
        };
        var shape = kind.Shape(options);
        if (shape.MicroBatch < 1 || shape.Workers < 0 || shape.Lanes < 0)
        {
            throw new InvalidDataException(
                $"The shape of {Name} is {shape.MicroBatch} items a call, {shape.Workers} workers and {shape.Lanes} lanes; "
                    + "they must be 1 or more, 0 or more and 0 or more. Correct the plugin, or the option that says so."
            );
        }

        return (
            kind.Create(options, context),
            FlowOptions.Of(shape.MicroBatch, OrCores(shape.Workers), OrCores(shape.Lanes), context.BatchRows)
        );
    }

    private static int OrCores(int count) => count == 0 ? Environment.ProcessorCount : count;
}
