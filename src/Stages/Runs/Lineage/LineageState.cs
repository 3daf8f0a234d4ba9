namespace Pipeline.Stages.Runs.Lineage;

/// <summary>What became of a sample or variant in one stage, and in the whole run.</summary>
public enum LineageState
{
    /// <summary>Nothing is there yet, or another command must be given before there is.</summary>
    NotYet,

    /// <summary>The stage has a row of it, or worked over the whole run.</summary>
    Done,

    /// <summary>The stage was done and makes no row of it, as an editing stage of a test sample.</summary>
    NoRow,

    /// <summary>A stage before kept it away.</summary>
    NotReached,

    /// <summary>It was chosen, or lies in the data set that is given out.</summary>
    Kept,

    /// <summary>It was not chosen; the reason says why.</summary>
    Dropped,

    /// <summary>It was set aside with an error.</summary>
    Quarantined,

    /// <summary>Its batch failed in the stage.</summary>
    Failed,
}
