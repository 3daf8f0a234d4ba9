using System.Text;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>Pipeline files: YAML that names the stages, what each follows and their settings.</summary>
/// <remarks>
/// A file holds <c>pipeline: name</c> and <c>stages:</c>, a mapping from the stage's name to its settings. Besides the options in
/// camelCase a stage has <c>kind</c> (left out: the stage's name) and <c>after</c>, a name or a list of names (left out: the stage before
/// it in the file; the first has none; <c>[]</c> makes a source).
/// </remarks>
public static class PipelineFile
{
    /// <summary>Reads and checks a pipeline.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="source">The file's name, for errors: each says <c>source:line</c>.</param>
    /// <param name="catalog">The kinds that the file may name.</param>
    /// <param name="sets">Overrides, <c>stage.option=value</c> each, taken in order after the file; a list's elements stand between commas.</param>
    /// <exception cref="PipelineFileException">Something is wrong; all that is wrong is listed at once.</exception>
    public static PipelineDefinition Read(string text, string source, StageCatalog catalog, IReadOnlyList<string> sets) =>
        new PipelineReader(source, catalog, _ => true).Read(text, sets);

    /// <summary>Reads what <see cref="Write"/> wrote for a run. Its values were checked then and are not again: a model file may have gone since.</summary>
    /// <exception cref="PipelineFileException">The text was changed by hand, or is of another version of the program.</exception>
    public static PipelineDefinition ReadWritten(string text, string source, StageCatalog catalog) =>
        new PipelineReader(source, catalog, _ => false).Read(text, []);

    /// <summary>Checks a pipeline that was put together from one that had passed, and sets options in it; faults name <paramref name="source"/> and no lines.</summary>
    /// <param name="pipeline">The pipeline; its predecessors and columns need not fit.</param>
    /// <param name="source">What it is, for errors.</param>
    /// <param name="catalog">The kinds that it may name.</param>
    /// <param name="sets">Overrides, as for <see cref="Read"/>.</param>
    /// <param name="checksValues">Says of a stage whether the values of its options are checked.</param>
    /// <exception cref="PipelineFileException">Something is wrong; all that is wrong is listed at once.</exception>
    internal static PipelineDefinition Check(
        PipelineDefinition pipeline,
        string source,
        StageCatalog catalog,
        IReadOnlyList<string> sets,
        Func<string, bool> checksValues
    ) => new PipelineReader(source, catalog, checksValues, namesLines: false).Read(Write(pipeline), sets);

    /// <summary>The pipeline with every option written out, defaults too; <see cref="Read"/> gives an equal definition back.</summary>
    /// <returns>YAML with <c>\n</c> line ends, options in ordinal order; equal definitions give equal text.</returns>
    public static string Write(PipelineDefinition pipeline)
    {
        var yaml = new StringBuilder().Append($"pipeline: {OptionValue.Quoted(pipeline.Name)}\nstages:\n");
        foreach (var stage in pipeline.Stages)
        {
            yaml.Append($"  {OptionValue.Quoted(stage.Name)}:\n");
            yaml.Append($"    kind: {OptionValue.Quoted(stage.Kind.Name)}\n");
            yaml.Append($"    after: {OptionValue.Text(stage.After)}\n");
            foreach (var option in StageOption.Of(stage.Options))
            {
                yaml.Append($"    {option.Name}: {OptionValue.Text(option.Get(stage.Options))}\n");
            }
        }

        return yaml.ToString();
    }
}
