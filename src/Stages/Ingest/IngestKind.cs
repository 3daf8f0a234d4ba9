using Pipeline.Models.Images;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Ingest;

/// <summary>Lists the input and cuts it into batches.</summary>
public sealed class IngestKind : IRunnableKind, IPlannedKind
{
    /// <inheritdoc/>
    public string Name => "ingest";

    /// <inheritdoc/>
    public Type Options => typeof(IngestOptions);

    /// <inheritdoc/>
    public int Version => 2;

    /// <inheritdoc/>
    public string? Makes => null;

    /// <inheritdoc/>
    public IReadOnlyList<string> Needs => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Adds => [.. ShardRows.Fields<IngestRow>().Select(column => column.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<ShardField> AddTypes => ShardRows.Fields<IngestRow>();

    /// <inheritdoc/>
    public StageForm Form => StageForm.Source;

    /// <inheritdoc/>
    public IEnumerable<string> Bindings(StageDefinition stage) => [];

    /// <inheritdoc/>
    public IStageRunner Create(StageSite site) => new IngestRunner(site, site.Flow());

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site)
    {
        const int RowBytes = 320; // two hashes, a path, and the index's record of the file
        var embed = stage.Options is IngestOptions { Embed: true };
        return new StagePlan
        {
            Rows = site.Count,
            Bytes = (long)(site.Count * (RowBytes + (embed ? site.SampleBytes : 0))),
            Work = site.Count * site.Try(sample => ImageHeader.Read(sample.Bytes)),
        };
    }
}
