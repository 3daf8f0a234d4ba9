using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Pipeline.Models;
using Pipeline.Models.Images;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Edit;

/// <summary>One edit on its way: what is asked for, and where it stands in the plan.</summary>
/// <param name="Request">What the editor is given.</param>
/// <param name="PromptIndex">Index of the description.</param>
/// <param name="Variant">Index among the edits of one source and description.</param>
public sealed record PlannedEdit(EditRequest Request, int PromptIndex, int Variant);

/// <summary>An edit as it was made.</summary>
/// <param name="Image">The edit.</param>
/// <param name="Encoded">The edit as JPEG, where it had to be encoded to be checked; null where it is still to be done, beside the calls.</param>
/// <param name="Attempt">How often it was made again, from 0.</param>
public sealed record MadeEdit(RgbImage Image, byte[]? Encoded, int Attempt);

/// <summary>Edits every training image by every description.</summary>
/// <remarks>
/// <para>Reads the ingested bytes; adds one row for each training image, description and variant, in that order. Validation and test pass untouched.</para>
/// <para>Repeats: an edit is drawn from its variant id, the run's seed and the number of the attempt alone.</para>
/// <para>With a checker, an edit that it flags is made again with another seed, so often as the settings say; the last one stays, flagged or not, and the safety stage judges it.</para>
/// <para>Failure: unreadable bytes quarantine that sample; an edit that the editor cannot make is quarantined alone.</para>
/// </remarks>
/// <param name="editor">Makes the edits.</param>
/// <param name="descriptions">Each with <c>{}</c> where the class goes.</param>
/// <param name="options">Checked settings.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="root">Folder that uris are relative to.</param>
/// <param name="checker">Says which edits are made again; null for none. Disposed with the stage.</param>
public sealed class EditStage(
    IImageEditor editor,
    IReadOnlyList<string> descriptions,
    EditOptions options,
    long seed,
    string root,
    ISafetyChecker? checker = null
) : IStage<EditInput, PlannedEdit, MadeEdit, EditRow>, IDisposable
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>(StringComparer.Ordinal);

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
    public async ValueTask<IReadOnlyList<MadeEdit>> InferAsync(IReadOnlyList<Item<PlannedEdit>> items, CancellationToken stop)
    {
        var made = new MadeEdit[items.Count];
        List<int> wanted = [.. Enumerable.Range(0, items.Count)];
        for (var attempt = 0; wanted.Count > 0; attempt++)
        {
            var images = await editor.EditAsync([.. wanted.Select(index => Request(items[index], attempt))], stop);
            for (var at = 0; at < wanted.Count; at++)
            {
                made[wanted[at]] = new MadeEdit(images[at], checker is null ? null : Encode(images[at]), attempt);
            }

            wanted = checker is null || attempt == options.Remake ? [] : Flagged(checker, made, wanted, stop);
        }

        return made;
    }

    /// <inheritdoc/>
    public void Dispose() => checker?.Dispose();

    private List<int> Flagged(ISafetyChecker checker, MadeEdit[] made, List<int> among, CancellationToken stop)
    {
        var verdicts = checker.Check([.. among.Select(index => checker.Prepare(Encoded(made[index])))], stop);
        return [.. among.Where((_, at) => verdicts[at].IsFlagged)];
    }

    /// <summary>What is asked for at an attempt: at the first what was planned, later the same with another seed.</summary>
    private EditRequest Request(Item<PlannedEdit> item, int attempt) =>
        attempt == 0 ? item.Value.Request : item.Value.Request with { Seed = Draw(item.VariantId ?? "", attempt) };

    /// <inheritdoc/>
    public EditRow Finish(Item<PlannedEdit> item, MadeEdit result) =>
        new(
            item.SampleId,
            item.VariantId ?? throw new InvalidOperationException("An edit has no variant id; it must have one."),
            item.Value.Request.Prompt,
            item.Value.PromptIndex,
            item.Value.Variant,
            options.Strength,
            Encoded(result),
            checker is null
                ? Nothing
                : new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["attempt"] = result.Attempt.ToString(CultureInfo.InvariantCulture),
                }
        );

    private byte[] Encoded(MadeEdit edit) => edit.Encoded ?? Encode(edit.Image);

    private byte[] Encode(RgbImage image) => JpegEncoder.Encode(image, options.Quality, options.Subsampling);

    private Item<PlannedEdit> Plan(EditInput row, RgbImage source, int prompt, int variant)
    {
        var text = ClassText.Fill(descriptions[prompt], row.LabelName);
        var recipe = string.Create(
            CultureInfo.InvariantCulture,
            $"{row.SampleId}\0{options.Backend}\0{text}\0{options.Strength:R}\0{variant}"
        );
        var id = Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(recipe)));
        var request = new EditRequest(source, text, options.Strength, Draw(id, attempt: 0));
        return new Item<PlannedEdit>(row.SampleId, id, new PlannedEdit(request, prompt, variant));
    }

    private ulong Draw(string variant, int attempt)
    {
        var purpose = attempt == 0 ? "edit" : string.Create(CultureInfo.InvariantCulture, $"edit again {attempt}");
        var draw = XxHash128.Hash(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}\0{variant}\0{purpose}")));
        return BinaryPrimitives.ReadUInt64LittleEndian(draw);
    }
}
