namespace Pipeline.Models.Safety;

/// <summary>How a safety checker works.</summary>
public sealed record SafetySettings
{
    /// <summary>For the classifier: an image is flagged when its probabilities of Porn and Hentai together are at least this; over 0 and at most 1.</summary>
    public float NsfwLine { get; init; } = 0.5f;

    /// <summary>Images in one model call, 1 to 256.</summary>
    public int CallSize { get; init; } = 8;

    /// <summary>CPU threads of a call, 1 to 256; the machine's cores by default. Calls take turns.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 256);

    /// <summary>Refuses settings out of their ranges, all at once.</summary>
    /// <exception cref="InvalidDataException">A setting is out of range.</exception>
    internal void Check()
    {
        var faults = new List<string>();
        if (!(NsfwLine is > 0 and <= 1))
        {
            faults.Add($"The line of the safety classifier is {NsfwLine}; it must be over 0 and at most 1.");
        }

        if (CallSize is < 1 or > 256)
        {
            faults.Add($"The images in one call of the safety checker are {CallSize}; they must be 1 to 256.");
        }

        if (Threads is < 1 or > 256)
        {
            faults.Add($"The threads of the safety checker are {Threads}; they must be 1 to 256.");
        }

        if (faults.Count > 0)
        {
            throw new InvalidDataException($"{string.Join(' ', faults)} Correct the settings.");
        }
    }
}
