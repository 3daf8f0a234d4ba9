namespace Pipeline.Sdk;

/// <summary>What a stage may know of the run that it is made for.</summary>
public sealed record StageContext
{
    /// <summary>Absolute path of the folder that the uris of samples are relative to.</summary>
    public required string InputRoot { get; init; }

    /// <summary>The run's seed: every draw is seeded from it, the item's ids and what it is for.</summary>
    public long Seed { get; init; }

    /// <summary>The classes; a label is an index into it.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Absolute paths of the artifacts that the kind needs, files or folders, by name.</summary>
    public IReadOnlyDictionary<string, string> Artifacts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Samples in a batch of the run, at the most.</summary>
    public int BatchRows { get; init; } = 1;

    /// <summary>Measures pauses and limits, never what is written.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The encoded bytes of a sample, from wherever they lie.</summary>
    /// <exception cref="InvalidDataException">The file is shorter than it was when it was ingested.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public byte[] Bytes(IngestedImage image) => SampleBytes.Read(InputRoot, image);
}
