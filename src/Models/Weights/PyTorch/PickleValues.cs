namespace Pipeline.Models.Weights.PyTorch;

/// <summary>A dict, in the order in which it was filled.</summary>
/// <param name="IsOrdered">Made by <c>collections.OrderedDict</c>, the one value whose attributes may be set (they are left out).</param>
internal sealed record PickledDict(bool IsOrdered)
{
    /// <summary>Keys and values; a key that comes twice stands here twice.</summary>
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>A list; a tuple is an <c>object?[]</c>.</summary>
internal sealed record PickledList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A value that cannot hold a tensor and is of no further interest: bytes, a set, a number above 64 bits.</summary>
/// <param name="What">What it is, for the list of things left out.</param>
internal sealed record PickledOther(string What);

/// <summary>One of the few names that a checkpoint may speak of.</summary>
/// <param name="Name">With its module.</param>
internal sealed record PickledGlobal(string Name);

/// <summary>A block of elements that tensors are views of.</summary>
/// <param name="Key">Its record's name.</param>
/// <param name="DType">The safetensors word of its element type.</param>
/// <param name="Count">Elements, as the pickle says.</param>
internal sealed record PickledStorage(string Key, string DType, long Count);

/// <summary>A tensor: a view of a storage, counted in elements.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);
