namespace Pipeline.Stages.Runs.Definition;

/// <summary>A pipeline file cannot be used. The message is the faults, one a line, to be shown as it is.</summary>
/// <param name="faults">Everything that is wrong, one sentence each; at least one.</param>
public sealed class PipelineFileException(IReadOnlyList<string> faults) : Exception(string.Join('\n', faults))
{
    /// <summary>Everything that is wrong with the file and its overrides, in the order of the file.</summary>
    public IReadOnlyList<string> Faults => faults;
}
