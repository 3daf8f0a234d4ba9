using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Models.Procedural;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Edit;

/// <summary>Edits images by the descriptions of the data set's domains.</summary>
public sealed class EditKind : RowStageKind<EditOptions, EditInput, PlannedEdit, RgbImage, EditRow>, IVariantKind
{
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
            new FlowOptions(options.MicroBatch, workers, workers, 2)
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
