namespace Pipeline.Sdk;

/// <summary>Says which column of which stage a property of an input row is read from.</summary>
/// <param name="stage">The stage that adds the column.</param>
/// <param name="column">The column's name.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ReadsAttribute(string stage, string column) : Attribute
{
    /// <summary>The stage that adds the column.</summary>
    public string Stage => stage;

    /// <summary>The column's name.</summary>
    public string Column => column;

    /// <summary>True when the stage need not be upstream: the property, of a type that can be null, is null then.</summary>
    public bool IsOptional { get; init; }
}
