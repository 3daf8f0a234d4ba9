namespace Pipeline.Sdk;

/// <summary>A row that a stage reads: it says which sample, or which variant of one, it is about.</summary>
public interface ISampleRow
{
    /// <summary>The sample, 32 hexadecimal digits.</summary>
    string SampleId { get; }

    /// <summary>The variant, 32 hexadecimal digits; null when the row is about the sample itself.</summary>
    string? VariantId => null;

    /// <summary>The sample's file, as ingest names it, for people who look for it when the sample is set aside; null when the row does not read it.</summary>
    string? Uri => null;
}
