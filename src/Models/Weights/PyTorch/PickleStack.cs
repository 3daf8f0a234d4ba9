namespace Pipeline.Models.Weights.PyTorch;

/// <summary>The stack, the marks on it and the memory of a pickle being read.</summary>
internal sealed class PickleStack(PickleCursor cursor)
{
    private readonly List<object?> values = [];
    private readonly Stack<int> marks = new();
    private readonly Dictionary<uint, object?> memory = [];

    /// <summary>Values above the last mark.</summary>
    private int Depth => values.Count - (marks.Count > 0 ? marks.Peek() : 0);

    public void Push(object? value) => values.Add(value);

    public void Mark() => marks.Push(values.Count);

    public object? Peek() => Depth > 0 ? values[^1] : throw cursor.Broken("taking a value that is not there", "taking those that are");

    /// <summary>The one value that is left at the end.</summary>
    public object? Last() =>
        values.Count == 1 && marks.Count == 0
            ? values[0]
            : throw cursor.Broken($"at its end with {values.Count} values", "at its end with one");

    /// <summary>Takes the topmost values off, in the order in which they were put.</summary>
    public object?[] Pop(int count)
    {
        if (Depth < count)
        {
            throw cursor.Broken("taking a value that is not there", "taking those that are");
        }

        object?[] taken = [.. values[^count..]];
        values.RemoveRange(values.Count - count, count);
        return taken;
    }

    /// <summary>Takes off what lies above the last mark, and the mark.</summary>
    public object?[] PopToMark()
    {
        if (marks.Count == 0)
        {
            throw cursor.Broken("going back to a mark that is not there", "going back to those that are");
        }

        var taken = Pop(Depth);
        marks.Pop();
        return taken;
    }

    public void AddToList(object?[] items)
    {
        if (Peek() is not PickledList list)
        {
            throw cursor.Broken("adding to what is no list", "adding to a list");
        }

        list.Items.AddRange(items);
    }

    public void AddToDict(object?[] items)
    {
        if (Peek() is not PickledDict dict || items.Length % 2 != 0)
        {
            throw cursor.Broken("adding to what is no dict, or half a pair", "adding pairs to a dict");
        }

        for (var index = 0; index < items.Length; index += 2)
        {
            dict.Items.Add((items[index], items[index + 1]));
        }
    }

    public void Remember(uint place) => memory[place] = Peek();

    public void Remember() => memory[(uint)memory.Count] = Peek();

    public void Recall(uint place) =>
        Push(
            memory.TryGetValue(place, out var value)
                ? value
                : throw cursor.Broken($"recalling value {place}, which was never kept", "recalling those that were")
        );
}
