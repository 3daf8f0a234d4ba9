using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Models.Procedural;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Edit;

/// <summary>Edits images by the descriptions of the data set's domains.</summary>
public sealed class EditKind : RowStageKind<EditOptions, EditInput, PlannedEdit, RgbImage, EditRow>
{
    /// <inheritdoc/>
    public override string Name => "edit";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs => ["domains"];

    /// <inheritdoc/>
    protected override (IStage<EditInput, PlannedEdit, RgbImage, EditRow> Stage, FlowOptions Flow) Build(
        EditOptions options,
        StageSite site
    )
    {
        var workers = options.Workers == 0 ? Environment.ProcessorCount : options.Workers;
        var descriptions = options.Prompts.Count > 0 ? options.Prompts : Domains(site);
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

    private static string[] Domains(StageSite site)
    {
        var path = Path.Combine(site.Run.Output, site.Run.Artifacts["domains"].Uri);
        return JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(path))
            ?? throw new InvalidDataException($"{path} is null; it must be a list of descriptions. Delete it and run again.");
    }
}
