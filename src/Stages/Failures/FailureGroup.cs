using System.IO.Hashing;
using System.Text;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Failures;

/// <summary>Failed batches with one cause: of one stage, one kind of error and one message, but for numbers, paths and ids.</summary>
/// <param name="Id">Eight hexadecimal digits of the three; the same in every run.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Kind">Type of the error.</param>
/// <param name="Pattern">The message; see <see cref="MessagePattern"/>.</param>
/// <param name="Batches">The batches, ascending.</param>
public sealed record FailureGroup(string Id, string Stage, string Kind, string Pattern, IReadOnlyList<FailedBatch> Batches)
{
    /// <summary>The batch that failed last: the best example of what is wrong now.</summary>
    public FailedBatch Example => Batches.MaxBy(batch => batch.Record.Last) ?? Batches[0];

    /// <summary>When the first of them failed for the first time.</summary>
    public DateTimeOffset First => Batches.Min(batch => batch.Record.First);

    /// <summary>When the last of them failed.</summary>
    public DateTimeOffset Last => Batches.Max(batch => batch.Record.Last);

    /// <summary>Machines on which they failed, in ordinal order.</summary>
    public IReadOnlyList<string> Hosts =>
        [.. Batches.Select(batch => batch.Record.Host).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The group's id.</summary>
    public static string Key(FailureRecord record) =>
        Convert.ToHexStringLower(
            XxHash32.Hash(Encoding.UTF8.GetBytes($"{record.Stage}\0{record.Error}\0{MessagePattern.Of(record.Message)}"))
        );

    /// <summary>The groups, the largest first.</summary>
    public static IReadOnlyList<FailureGroup> Of(IEnumerable<FailedBatch> batches) =>
        [
            .. batches
                .GroupBy(batch => batch.Group, StringComparer.Ordinal)
                .Select(group => new FailureGroup(
                    group.Key,
                    group.First().Record.Stage,
                    group.First().Record.Error,
                    MessagePattern.Of(group.First().Record.Message),
                    [.. group.OrderBy(batch => batch.Record.Batch)]
                ))
                .OrderByDescending(group => group.Batches.Count)
                .ThenBy(group => group.Id, StringComparer.Ordinal),
        ];
}
