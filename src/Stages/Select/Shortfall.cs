namespace Pipeline.Stages.Select;

/// <summary>A class with fewer edits than its quota asks for.</summary>
/// <param name="Label">The class.</param>
/// <param name="Wanted">Edits that the quota asks for.</param>
/// <param name="Got">Different edits that there are; drawing some of them again does not change it.</param>
public sealed record Shortfall(int Label, int Wanted, int Got)
{
    /// <summary>For a person: <c>class 3: 12 of 40 edits</c>.</summary>
    public override string ToString() => $"class {Label}: {Got} of {Wanted} edits";
}
