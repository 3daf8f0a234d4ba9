using Pipeline.Models;
using Pipeline.Models.Semantic;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Semantic;

/// <summary>An edit as the filter takes it: each image as its stored embedding or, without one, as pixels.</summary>
/// <param name="Edit">The edit's.</param>
/// <param name="Source">Its source's.</param>
/// <param name="Prompt">What the edit should show.</param>
/// <param name="SourceText">What the source shows.</param>
public sealed record SeenEdit(SeenImage Edit, SeenImage Source, string Prompt, string SourceText);

/// <summary>What the model says of an edit.</summary>
/// <param name="Topic">The rule's judgement.</param>
/// <param name="ImageToSource">Cosine, -1 to 1.</param>
/// <param name="ImageToPrompt">Cosine, -1 to 1.</param>
/// <param name="Directional">Cosine, -1 to 1.</param>
public sealed record SeenMeaning(SemanticJudgement Topic, double ImageToSource, double ImageToPrompt, double Directional);

/// <summary>ALIA's semantic filter: an edit that shows something else than the task is of no use; and how near an edit is to its source and its prompt.</summary>
/// <remarks>
/// <para>Reads the edits, their prompts and sources, and embeddings where there are; adds a verdict for each edit, in order.</para>
/// <para>Repeats: every figure is computed from stored halves, so that it is the same whether a stage before has embedded the images or this one does.</para>
/// <para>Failure: an edit that cannot be decoded is quarantined alone.</para>
/// </remarks>
public sealed class SemanticStage : IStage<SemanticInput, SeenEdit, SeenMeaning, SemanticRow>, IDisposable
{
    /// <summary>The verdict on an edit that passes.</summary>
    public const string Keep = "keep";

    private readonly IImageTextEncoder encoder;
    private readonly SemanticOptions options;
    private readonly string root;
    private readonly TextEmbeddings texts;
    private readonly SemanticRule rule;

    /// <summary>Embeds the prompts.</summary>
    /// <param name="encoder">Disposed with the stage.</param>
    /// <param name="options">Checked settings.</param>
    /// <param name="root">Folder that uris are relative to.</param>
    public SemanticStage(IImageTextEncoder encoder, SemanticOptions options, string root)
    {
        (this.encoder, this.options, this.root) = (encoder, options, root);
        texts = new TextEmbeddings(encoder);
        var prompts = SemanticPrompts.Of(options.Preset, options.Tasks, options.Negatives);
        rule = new SemanticRule(prompts.Tasks, prompts.Negatives, all => encoder.EmbedTexts(all, CancellationToken.None), encoder.Scale);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Item<SeenEdit>> Prepare(SemanticInput row) =>
        [
            new(
                row.SampleId,
                row.VariantId,
                new SeenEdit(
                    SeenImage.Of(row.Embedding, () => row.Image, encoder),
                    SeenImage.Of(
                        row.SourceEmbedding,
                        () => SampleBytes.Read(root, row.Uri, row.Container, row.Offset, row.Length, row.Source),
                        encoder
                    ),
                    row.Prompt,
                    ClassText.Fill(options.SourceText, row.LabelName)
                )
            ),
        ];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SeenMeaning>> InferAsync(IReadOnlyList<Item<SeenEdit>> items, CancellationToken stop)
    {
        var images = SeenImage.Embed([.. items.SelectMany(item => (SeenImage[])[item.Value.Edit, item.Value.Source])], encoder, stop);
        var words = texts.Of(items.SelectMany(item => (string[])[item.Value.Prompt, item.Value.SourceText]), stop);
        return new([
            .. items.Select(
                (item, index) =>
                {
                    var (edit, source) = (images[2 * index], images[(2 * index) + 1]);
                    var (prompt, sourceText) = (words[item.Value.Prompt], words[item.Value.SourceText]);
                    return new SeenMeaning(
                        rule.Judge(edit),
                        Cosines.OfUnits(edit, source),
                        Cosines.OfUnits(edit, prompt),
                        Cosines.OfDirections(edit, source, prompt, sourceText)
                    );
                }
            ),
        ]);
    }

    /// <inheritdoc/>
    public void LimitCalls(int items) => encoder.CallSize = items;

    /// <inheritdoc/>
    public SemanticRow Finish(Item<SeenEdit> item, SeenMeaning result) =>
        new(
            item.SampleId,
            item.VariantId ?? throw new InvalidOperationException("An edit has no variant id; it must have one."),
            Verdict(result, options),
            result.Topic.Score,
            result.Topic.Best,
            (float)result.ImageToSource,
            (float)result.ImageToPrompt,
            (float)result.Directional
        );

    /// <inheritdoc/>
    public void Dispose() => encoder.Dispose();

    /// <summary>The first thing that is wrong with an edit, else <see cref="Keep"/>. What is exactly at a limit passes.</summary>
    internal static string Verdict(SeenMeaning meaning, SemanticOptions options) =>
        !meaning.Topic.IsKept ? "off_topic"
        : (float)meaning.ImageToSource < (float?)options.MinImageToSource ? "far_from_source"
        : (float)meaning.ImageToPrompt < (float?)options.MinImageToPrompt ? "far_from_prompt"
        : (float)meaning.Directional < (float?)options.MinDirectional ? "wrong_direction"
        : Keep;
}
