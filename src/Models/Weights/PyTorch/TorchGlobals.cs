using System.Collections.Frozen;

namespace Pipeline.Models.Weights.PyTorch;

/// <summary>Everything that a checkpoint may name: element types of storages, two functions that make tensors, one container. Nothing is looked up, imported or called.</summary>
/// <remarks>torch/_utils.py (<c>_rebuild_tensor_v2</c>, <c>_rebuild_parameter</c>) and torch/serialization.py (<c>persistent_load</c>) of PyTorch 1.13, BSD-3-Clause.</remarks>
internal static class TorchGlobals
{
    private const string OrderedDict = "collections.OrderedDict";
    private const string Tensor = "torch._utils._rebuild_tensor_v2";
    private const string Parameter = "torch._utils._rebuild_parameter";
    private const int MostAxes = 64;

    private static readonly FrozenDictionary<string, string> Storages = new Dictionary<string, string>
    {
        ["torch.DoubleStorage"] = "F64",
        ["torch.FloatStorage"] = "F32",
        ["torch.HalfStorage"] = "F16",
        ["torch.BFloat16Storage"] = "BF16",
        ["torch.LongStorage"] = "I64",
        ["torch.IntStorage"] = "I32",
        ["torch.ShortStorage"] = "I16",
        ["torch.CharStorage"] = "I8",
        ["torch.ByteStorage"] = "U8",
        ["torch.BoolStorage"] = "BOOL",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The value that stands for a name.</summary>
    /// <exception cref="InvalidDataException">The name is not one of the few; the message says it.</exception>
    public static PickledGlobal Find(PickleCursor cursor, string name) =>
        name is OrderedDict or Tensor or Parameter || Storages.ContainsKey(name)
            ? new PickledGlobal(name)
            : throw cursor.Broken(
                $"naming {CheckpointFile.Shown(name)}",
                "of tensors, their storages and plain containers alone; nothing else is imported or run"
            );

    /// <summary>What a call of one of the names gives.</summary>
    /// <exception cref="InvalidDataException">It is not to be called, or not with these arguments.</exception>
    public static object Call(PickleCursor cursor, object? function, object? arguments) =>
        (function, arguments) switch
        {
            (PickledGlobal { Name: OrderedDict }, object?[] { Length: 0 }) => new PickledDict(IsOrdered: true),
            (PickledGlobal { Name: OrderedDict }, object?[] { Length: 1 } pairs) => Ordered(cursor, pairs[0]),
            (PickledGlobal { Name: Parameter }, object?[] { Length: >= 1 and <= 3 } parts) when parts[0] is PickledTensor tensor => tensor,
            (PickledGlobal { Name: Tensor }, object?[] { Length: 6 or 7 } parts)
                when parts[0] is PickledStorage storage
                    && parts[1] is long offset
                    && parts[2] is object?[] shape
                    && parts[3] is object?[] strides
                    && IsPlain(parts) => View(cursor, storage, offset, Numbers(cursor, "size", shape), Numbers(cursor, "stride", strides)),
            (PickledGlobal { Name: var name }, _) => throw cursor.Broken(
                $"calling {name} in an unknown way",
                "calling it as torch.save writes it"
            ),
            _ => throw cursor.Broken("calling what is no function", "calling functions that make tensors"),
        };

    /// <summary>The storage that a persistent id names: <c>('storage', type, key, device, elements)</c>.</summary>
    /// <exception cref="InvalidDataException">The id is of another form.</exception>
    public static PickledStorage Storage(PickleCursor cursor, object? id) =>
        id is object?[] { Length: 5 } parts
        && parts[0] is "storage"
        && parts[1] is PickledGlobal { Name: var type }
        && Storages.TryGetValue(type, out var dtype)
        && parts[2] is string key
        && parts[4] is long and >= 0 and var count
            ? new PickledStorage(key, dtype, count)
            : throw cursor.Broken("naming a storage in an unknown way", "naming its type, record, device and length");

    /// <summary>Newer files may say, seventh, that a tensor is to be negated or conjugated as it is read.</summary>
    private static bool IsPlain(object?[] parts) => parts.Length == 6 || parts[6] is null or PickledDict { Items.Count: 0 };

    private static PickledTensor View(PickleCursor cursor, PickledStorage storage, long offset, long[] shape, long[] strides) =>
        offset >= 0 && shape.Length == strides.Length && shape.Length <= MostAxes
            ? new PickledTensor(storage, offset, shape, strides)
            : throw cursor.Broken(
                $"making a tensor of {shape.Length} axes, {strides.Length} strides and the offset {offset}",
                $"making one of as many strides as axes, at most {MostAxes}, and an offset of 0 or more"
            );

    private static long[] Numbers(PickleCursor cursor, string what, object?[] items) =>
        [
            .. items.Select(item =>
                item is long and >= 0 and var number
                    ? number
                    : throw cursor.Broken($"making a tensor whose {what} is not of whole numbers of 0 or more", "making others")
            ),
        ];

    private static PickledDict Ordered(PickleCursor cursor, object? pairs)
    {
        var dict = new PickledDict(IsOrdered: true);
        foreach (
            var pair in pairs is PickledList list
                ? list.Items
                : throw cursor.Broken("making an OrderedDict of no list", "making it of pairs")
        )
        {
            IList<object?> items = pair switch
            {
                object?[] tuple => tuple,
                PickledList inner => inner.Items,
                _ => [],
            };
            dict.Items.Add(
                items.Count == 2
                    ? (items[0], items[1])
                    : throw cursor.Broken("making an OrderedDict of what is no pair", "making it of pairs")
            );
        }

        return dict;
    }
}
