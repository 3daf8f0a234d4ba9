using Pipeline.Sdk;

namespace Pipeline.Stages.Isolation;

/// <summary>What an item is known by, in whatever process.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="VariantId">The variant; null when the item is the sample itself.</param>
internal readonly record struct ItemKey(string SampleId, string? VariantId)
{
    public static ItemKey Of<T>(Item<T> item) => new(item.SampleId, item.VariantId);
}
