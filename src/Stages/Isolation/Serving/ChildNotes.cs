namespace Pipeline.Stages.Isolation.Serving;

/// <summary>Names of what a child and its parent say to each other besides the matters of the transport.</summary>
internal static class ChildNotes
{
    /// <summary>The child serves the stage.</summary>
    public const string Ready = "ready";

    /// <summary>The child could not begin; the reason.</summary>
    public const string Fault = "fault";

    /// <summary>A call of the stage has not come back; the child finishes what it can and ends.</summary>
    public const string Hung = "hung";

    /// <summary>Its counts.</summary>
    public const string Counts = "counts";

    /// <summary>What people should know, or null.</summary>
    public const string Notice = "notice";

    /// <summary>The parent asks it to take nothing more.</summary>
    public const string Drain = "drain";

    /// <summary>It has finished what it took.</summary>
    public const string Drained = "drained";
}
