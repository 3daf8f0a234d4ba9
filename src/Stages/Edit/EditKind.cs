using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Models.Procedural;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Edit;

/// <summary>Edits images by the descriptions of the data set's domains.</summary>
public sealed class EditKind : RowStageKind<EditOptions, EditInput, PlannedEdit, RgbImage, EditRow>, IVariantKind, IPlannedKind
{
    /// <summary>What descriptions are like, for trials before there are any.</summary>
    private static readonly string[] Typical =
    [
        "a photo of a {} in even light",
        "a photo of a {} in bright light under a pale purple sky",
        "a photo of a {} in dim cool light with a dark blue background",
        "a photo of a {} in fog over olive ground",
    ];

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
    protected override (IStage<EditInput, PlannedEdit, RgbImage, EditRow> Stage, FlowOptions Flow) Build(
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
            new EditStage(editor, descriptions, options, site.Run.Seed, site.Run.InputRoot),
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
