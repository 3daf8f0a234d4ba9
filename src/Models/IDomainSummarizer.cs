namespace Pipeline.Models;

/// <summary>Turns captions of a data set into a few class-agnostic descriptions of its domains.</summary>
public interface IDomainSummarizer
{
    /// <summary>Gives at least one and at most <paramref name="limit"/> descriptions, most frequent first.</summary>
    /// <param name="captions">Distinct captions; their order does not matter to the result.</param>
    /// <param name="classNames">The names of the classes; no description contains one.</param>
    /// <param name="limit">Descriptions wanted at the most; 1 to 9.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="InvalidDataException">The captions give no description; the message says what was found.</exception>
    ValueTask<IReadOnlyList<string>> SummarizeAsync(
        IReadOnlyList<string> captions,
        IReadOnlyList<string> classNames,
        int limit,
        CancellationToken stop
    );
}
