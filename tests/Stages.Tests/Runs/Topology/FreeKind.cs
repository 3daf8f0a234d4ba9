using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Topology;

/// <summary>Reads no column, so that it can stand anywhere in a pipeline; it is never served.</summary>
internal sealed class FreeKind(string name, StageForm form) : IRunnableKind
{
    public string Name => name;
    public Type Options => typeof(NoOptions);
    public int Version => 1;
    public string? Makes => null;
    public IReadOnlyList<string> Needs => [];
    public IReadOnlyList<string> Reads => [];
    public IReadOnlyList<string> Adds => ["word"];
    public StageForm Form => form;

    public IEnumerable<string> Bindings(StageDefinition stage) => [];

    public IStageRunner Create(StageSite site) => throw new NotSupportedException("It is only part of pipelines.");
}
