using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Plans;

/// <summary>What a stage will come to: estimates, all of them.</summary>
public sealed record StagePlan
{
    /// <summary>Rows that it writes, at the most.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes that it leaves on the disk.</summary>
    public required long Bytes { get; init; }

    /// <summary>Time of one core.</summary>
    public TimeSpan Work { get; init; }

    /// <summary>What the figures rest on, in a few words for a person; empty where they are next to nothing.</summary>
    public string Basis { get; init; } = "";

    /// <summary>The models that it uses.</summary>
    public IReadOnlyList<ModelUse> Models { get; init; } = [];

    /// <summary>The plan of a stage that gives each row of the stages before it some columns, with a model that is not tried ahead because opening it takes long.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="site">What is known of the stages before it.</param>
    /// <param name="rowBytes">Bytes that a row leaves on the disk.</param>
    public static StagePlan PassThrough(StageDefinition stage, PlanSite site, int rowBytes)
    {
        var rows = stage.After.Sum(before => site.Of(before).Rows);
        return new StagePlan
        {
            Rows = rows,
            Bytes = rows * rowBytes,
            Basis = stage.Options.Models.Any() ? "the model's time is not measured ahead" : "",
        };
    }
}

/// <summary>A model that a stage uses.</summary>
/// <param name="Name">The word that the options have for it: a backend or a recipe.</param>
/// <param name="File">Its weights; null for a model that is built in or begins without weights.</param>
/// <param name="Note">What it is when there is no file: <c>built in</c>, <c>fresh weights</c>.</param>
public sealed record ModelUse(string Name, string? File, string Note);
