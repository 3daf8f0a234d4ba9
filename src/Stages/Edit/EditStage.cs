using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Pipeline.Models;
using Pipeline.Models.Images;
using Pipeline.Sdk;

namespace Pipeline.Stages.Edit;

/// <summary>One edit on its way: what is asked for, and where it stands in the plan.</summary>
/// <param name="Request">What the editor is given.</param>
/// <param name="PromptIndex">Index of the description.</param>
/// <param name="Variant">Index among the edits of one source and description.</param>
public sealed record PlannedEdit(EditRequest Request, int PromptIndex, int Variant);

/// <summary>Edits every training image by every description.</summary>
/// <remarks>
/// <para>Reads the ingested bytes; adds one row for each training image, description and variant, in that order. Validation and test pass untouched.</para>
/// <para>Repeats: an edit is drawn from its variant id and the run's seed alone.</para>
/// <para>Failure: unreadable bytes quarantine that sample; an edit that the editor cannot make is quarantined alone.</para>
/// </remarks>
/// <param name="editor">Makes the edits.</param>
/// <param name="descriptions">Each with <c>{}</c> where the class goes.</param>
/// <param name="options">Checked settings.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="root">Folder that uris are relative to.</param>
public sealed class EditStage(IImageEditor editor, IReadOnlyList<string> descriptions, EditOptions options, long seed, string root)
    : IStage<EditInput, PlannedEdit, RgbImage, EditRow>
{
    /// <inheritdoc/>
    public IReadOnlyList<Item<PlannedEdit>> Prepare(EditInput row)
    {
        if (row.Split != "train")
        {
            return [];
        }

        var source = ImageDecoder.Decode(SampleBytes.Read(root, row.Uri, row.Container, row.Offset, row.Length, row.Image));
        return
        [
            .. from prompt in Enumerable.Range(0, descriptions.Count)
            from variant in Enumerable.Range(0, options.Variants)
            select Plan(row, source, prompt, variant),
        ];
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RgbImage>> InferAsync(IReadOnlyList<Item<PlannedEdit>> items, CancellationToken stop) =>
        editor.EditAsync([.. items.Select(item => item.Value.Request)], stop);

    /// <inheritdoc/>
    public EditRow Finish(Item<PlannedEdit> item, RgbImage result) =>
        new(
            item.SampleId,
            item.VariantId ?? throw new InvalidOperationException("An edit has no variant id; it must have one."),
            item.Value.Request.Prompt,
            item.Value.PromptIndex,
            item.Value.Variant,
            options.Strength,
            JpegEncoder.Encode(result, options.Quality, options.Subsampling)
        );

    /// <summary>The class as text: without digits and full stops, underscores as spaces.</summary>
    internal static string ClassText(string label) =>
        string.Join(
            ' ',
            new string([
                .. label.Where(letter => !char.IsDigit(letter) && letter != '.').Select(letter => letter == '_' ? ' ' : letter),
            ]).Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );

    private Item<PlannedEdit> Plan(EditInput row, RgbImage source, int prompt, int variant)
    {
        var text = descriptions[prompt].Replace("{}", ClassText(row.LabelName), StringComparison.Ordinal);
        var recipe = string.Create(
            CultureInfo.InvariantCulture,
            $"{row.SampleId}\0{options.Backend}\0{text}\0{options.Strength:R}\0{variant}"
        );
        var id = XxHash128.Hash(Encoding.UTF8.GetBytes(recipe));
        var draw = XxHash128.Hash(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}\0{Convert.ToHexStringLower(id)}\0edit"))
        );
        var request = new EditRequest(source, text, options.Strength, BinaryPrimitives.ReadUInt64LittleEndian(draw));
        return new Item<PlannedEdit>(row.SampleId, Convert.ToHexStringLower(id), new PlannedEdit(request, prompt, variant));
    }
}
