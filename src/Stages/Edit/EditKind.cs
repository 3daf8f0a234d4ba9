using System.Text.Json;
using Pipeline.Models.Procedural;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Edit;

/// <summary>Edits images by the descriptions of the data set's domains.</summary>
public sealed class EditKind : RowStageKind<EditOptions, EditInput, PlannedEdit, MadeEdit, EditRow>, IVariantKind, IPlannedKind
{
    /// <summary>What descriptions are like, for trials before there are any.</summary>
    private static readonly string[] Typical =
    [
        "a photo of a {} in even light",
        "a photo of a {} in bright light under a pale purple sky",
        "a photo of a {} in dim cool light with a dark blue background",
        "a photo of a {} in fog over olive ground",
    ];

    private readonly OpenChecker open;

    /// <summary>With checkers from the run's models.</summary>
    public EditKind()
        : this(Checkers.Open) { }

    internal EditKind(OpenChecker open) => this.open = open;

    /// <inheritdoc/>
    public override string Name => "edit";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs => ["domains"];

    /// <inheritdoc/>
    public int VariantsEach(StageSite site)
    {
        var options = site.Options<EditOptions>();
        return Descriptions(options, site).Count * options.Variants;
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline)
    {
        if (((EditOptions)stage.Options).Choice is not { } choice)
        {
            return [];
        }

        var checks = pipeline
            .Stages.Where(other => other.Kind is ISafetyKind && pipeline.Upstream(other.Name).Contains(stage.Name))
            .Select(other => ((ISafetyKind)other.Kind).Choice(other))
            .ToList();
        return checks.Exists(check => check.Model == choice.Model && check.Line.Equals(choice.Line))
            ? []
            :
            [
                $"{stage.Name}.checker is {choice.Model} with the line {choice.Line}, and no safety stage after {stage.Name} has them; what is flagged at the last attempt must be dropped by one. "
                    + $"Add a stage of the kind safety after {stage.Name} with the same model and line, or set {stage.Name}.remake=0.",
            ];
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site)
    {
        var options = (EditOptions)stage.Options;
        var descriptions = options.Prompts.Count > 0 ? options.Prompts.Count : site.Maker("domains")?.Rows ?? 0;
        var tried = options.Prompts.Count > 0 ? options.Prompts : Typical;
        var worker = new EditStage(new ProceduralEditor(), tried, options with { Variants = 1 }, seed: 0, "");
        var (edits, bytes) = (0L, 0L);
        var source = site.Try(sample =>
        {
            var items = worker.Prepare(new EditInput("", "", null, 0, sample.Bytes.Length, sample.Bytes, "train", sample.LabelName));
            var results = worker.InferAsync(items, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            edits += items.Count;
            bytes += items.Zip(results, (item, result) => (long)worker.Finish(item, result).Image.Length).Sum();
        });
        var rows = site.Training * descriptions * options.Variants;
        var (each, size) = (source / tried.Count, edits > 0 ? bytes / (double)edits : 0);
        return new StagePlan
        {
            Rows = rows,
            Bytes = (long)(rows * size),
            Work = rows * each,
            Basis = FormattableString.Invariant(
                $"{site.Training} × {descriptions} descriptions × {options.Variants}; {each.TotalMilliseconds:0.0} ms and {size / 1000:0.0} kB an edit, measured"
            ),
            Models = [new ModelUse(options.Backend, null, "built in")],
        };
    }

    /// <inheritdoc/>
    protected override (IStage<EditInput, PlannedEdit, MadeEdit, EditRow> Stage, FlowOptions Flow) Build(
        EditOptions options,
        StageSite site
    )
    {
        var workers = options.Workers == 0 ? Environment.ProcessorCount : options.Workers;
        var descriptions = Descriptions(options, site);
        var editor = new ProceduralEditor();
        foreach (var description in descriptions)
        {
            editor.Check(description);
        }

        return (
            new EditStage(
                editor,
                descriptions,
                options,
                site.Run.Seed,
                site.Run.InputRoot,
                options.Choice is { } choice ? open(site, choice) : null
            ),
            FlowOptions.Of(options.MicroBatch, workers, workers, BatchRows(site))
        );
    }

    private static IReadOnlyList<string> Descriptions(EditOptions options, StageSite site)
    {
        if (options.Prompts.Count > 0)
        {
            return options.Prompts;
        }

        var path = Path.Combine(site.Run.Output, site.Run.Artifacts["domains"].Uri);
        return JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(path))
            ?? throw new InvalidDataException($"{path} is null; it must be a list of descriptions. Delete it and run again.");
    }
}
