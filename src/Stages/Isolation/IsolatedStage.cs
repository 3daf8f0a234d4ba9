using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Isolation;

/// <summary>Does in a child what a stage's graph does, for one item at a time.</summary>
internal sealed class IsolatedStage<TIn, TItem, TResult, TOut>(IStage<TIn, TItem, TResult, TOut> stage, StageSite site)
    where TIn : class, ISampleRow
    where TOut : class
{
    private IReadOnlyList<ShardReference> shards = [];
    private IReadOnlyList<TIn> rows = [];
    private (int Row, IReadOnlyList<Item<TItem>> Items) prepared = (-1, []);

    /// <summary>Tries one item; its row is written when all goes well.</summary>
    /// <exception cref="TryAgainException">The model call failed for a reason that passes.</exception>
    /// <exception cref="InvalidDataException">The batch does not hold the item.</exception>
    public async Task<IsolatedAnswer> TryAsync(IsolatedItem wanted, CancellationToken stop)
    {
        var item = await FindAsync(wanted, stop);
        CrashPoint.InCall(site.Definition.Name, [item]);
        var outcome = (await GuiltyItems.FindAsync([item], stage.InferAsync, stop))[0];
        if (outcome.Error is { } passing && TransientFault.Of(passing) is not null)
        {
            throw new TryAgainException(passing.Message, inner: passing);
        }

        if (outcome is not { Error: null, Value: { } result })
        {
            return Answer(outcome.Error ?? new InvalidOperationException("The model gave no result."), refused: true);
        }

        TOut row;
        try
        {
            row =
                stage.Finish(item, result)
                ?? throw new InvalidOperationException("Finish gave null; it must give a row. Correct the stage.");
        }
        catch (Exception error)
        {
            return Answer(error, refused: false);
        }

        var footer = new ShardFooter
        {
            Stage = site.Definition.Name,
            Batch = 0,
            Fingerprint = site.Fingerprint,
        };
        await ShardFile.WriteAsync(site.Run.Store, wanted.Uri, ShardRows.ToTable<TOut>([row]), footer, stop: stop);
        return new IsolatedAnswer();
    }

    private static IsolatedAnswer Answer(Exception error, bool refused) =>
        new()
        {
            Kind = ErrorKind.Of(error),
            Message = error.Message,
            Refused = refused,
        };

    private async Task<Item<TItem>> FindAsync(IsolatedItem wanted, CancellationToken stop)
    {
        if (!shards.SequenceEqual(wanted.Shards))
        {
            rows = await RowReader<TIn>.ReadAsync(site.Run.Store, wanted.Shards, stop);
            (shards, prepared) = (wanted.Shards, (-1, []));
        }

        if (prepared.Row != wanted.Row)
        {
            prepared = (wanted.Row, stage.Prepare(rows[wanted.Row]));
        }

        var item = prepared.Items[wanted.Index];
        return item.SampleId == wanted.SampleId && item.VariantId == wanted.VariantId
            ? item
            : throw new InvalidDataException(
                $"Item {wanted.Index} of row {wanted.Row} of {wanted.Shards[^1].Uri} is {item.SampleId} {item.VariantId}; "
                    + $"it must be {wanted.SampleId} {wanted.VariantId}. Correct the stage: equal rows give equal items."
            );
    }
}
