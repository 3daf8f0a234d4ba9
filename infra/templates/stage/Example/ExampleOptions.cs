using Pipeline.Sdk;

namespace Example;

/// <summary>Settings of the stage; in the pipeline file their names begin with a lower-case letter.</summary>
public sealed record ExampleOptions : IStageOptions
{
    /// <summary>Bytes that count as one, 1 to 1,048,576.</summary>
    public int UnitBytes { get; init; } = 1024;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (UnitBytes is < 1 or > 1_048_576)
        {
            yield return $"{stage}.unitBytes is {UnitBytes}; it must be between 1 and 1,048,576 bytes. Set it in the pipeline file or with --set.";
        }
    }
}
