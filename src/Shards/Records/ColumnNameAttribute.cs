namespace Pipeline.Shards.Records;

/// <summary>Gives a property's column another name than its own in snake case.</summary>
/// <param name="name">The column's name.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ColumnNameAttribute(string name) : Attribute
{
    /// <summary>The column's name.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Marks the one property of type <c>IReadOnlyDictionary&lt;string, string&gt;</c> that carries further text columns through: a column for each key
/// of any row, null where a row lacks it; read back from all text columns that no other property claims.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ExtraColumnsAttribute : Attribute;
