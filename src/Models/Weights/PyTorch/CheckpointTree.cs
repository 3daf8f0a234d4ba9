using System.Globalization;

namespace Pipeline.Models.Weights.PyTorch;

/// <summary>Finds the tensors in the containers of a checkpoint and names each by the path to it, with dots.</summary>
/// <remarks>
/// A checkpoint of a training holds the network under <c>state_dict</c>: where the outermost dict has that key, its tensors are the model's and
/// everything beside it is left out, by name.
/// </remarks>
internal sealed class CheckpointTree
{
    private const string StateDict = "state_dict";
    private const string Alone = "tensor"; // the name of a tensor that was saved by itself
    private const int MostDepth = 64;
    private const int MostTensors = 200_000;
    private const int MostSkipped = 1_000;
    private const int MostNameCharacters = 2_000;
    private readonly CheckpointFile file;
    private readonly Dictionary<object, bool> holds = new(ReferenceEqualityComparer.Instance);
    private readonly SortedDictionary<string, PickledTensor> tensors = new(StringComparer.Ordinal);
    private readonly List<string> skipped = [];
    private long steps;

    private CheckpointTree(CheckpointFile file) => this.file = file;

    /// <summary>Every tensor by its name, and what was left out.</summary>
    /// <exception cref="InvalidDataException">There is no tensor, two have one name, or the containers are too deep or too many.</exception>
    public static (IReadOnlyDictionary<string, PickledTensor> Tensors, IReadOnlyList<string> Skipped) Flatten(
        CheckpointFile file,
        object? root
    )
    {
        var tree = new CheckpointTree(file);
        tree.FromRoot(root);
        return tree.tensors.Count > 0
            ? (tree.tensors, tree.skipped)
            : throw file.Broken("the checkpoint", "without any tensor", "one that holds tensors");
    }

    private void FromRoot(object? root)
    {
        if (root is PickledTensor alone)
        {
            tensors.Add(Alone, alone);
            return;
        }

        if (
            root is not PickledDict { Items: var items }
            || items.Find(item => item.Key is StateDict).Value is not PickledDict network
            || !Holds(network, 0)
        )
        {
            Walk(root, "", 0);
            return;
        }

        foreach (var (key, value) in items)
        {
            if (ReferenceEquals(value, network))
            {
                Walk(network, "", 1);
            }
            else
            {
                Skip($"{KeyText(key)}: {What(value)}{(Holds(value, 1) ? " with tensors" : "")}, outside {StateDict}");
            }
        }
    }

    private void Walk(object? node, string name, int depth)
    {
        CheckLimits(depth);
        if (node is PickledTensor tensor)
        {
            if (tensors.Count >= MostTensors || !tensors.TryAdd(name, tensor))
            {
                throw tensors.Count >= MostTensors
                    ? file.Broken("the checkpoint", $"of more than {MostTensors} tensors", "of fewer")
                    : file.Broken($"tensor {CheckpointFile.Shown(name)}", "there twice", "there once");
            }
        }
        else if (!Holds(node, depth))
        {
            Skip($"{CheckpointFile.Shown(name)}: {What(node)}");
        }
        else
        {
            foreach (var (key, value) in Children(node))
            {
                Walk(value, Join(name, key, Holds(value, depth + 1)), depth + 1);
            }
        }
    }

    /// <summary>Whether a value is a tensor or has one in it, at any depth. A container in itself does not count.</summary>
    private bool Holds(object? node, int depth)
    {
        if (node is not (PickledDict or PickledList or object?[]))
        {
            return node is PickledTensor;
        }

        if (!holds.TryGetValue(node, out var found))
        {
            CheckLimits(depth);
            holds.Add(node, false);
            found = Children(node).Aggregate(false, (any, child) => Holds(child.Value, depth + 1) || any);
            holds[node] = found;
        }

        return found;
    }

    private static IEnumerable<(object? Key, object? Value)> Children(object? node) =>
        node switch
        {
            PickledDict dict => dict.Items,
            PickledList list => list.Items.Select((value, index) => ((object?)(long)index, value)),
            object?[] tuple => tuple.Select((value, index) => ((object?)(long)index, value)),
            _ => [],
        };

    private string Join(string name, object? key, bool leadsToTensors)
    {
        var joined = name.Length == 0 ? KeyText(key) : $"{name}.{KeyText(key)}";
        return leadsToTensors && (key is not (string or long) || joined.Length > MostNameCharacters)
            ? throw file.Broken(
                $"the name {CheckpointFile.Shown(joined)}",
                key is string or long ? $"{joined.Length} characters long" : $"made of {What(key)}",
                $"made of text or whole numbers, at most {MostNameCharacters} characters"
            )
            : joined;
    }

    private void Skip(string what)
    {
        if (skipped.Count < MostSkipped)
        {
            skipped.Add(skipped.Count < MostSkipped - 1 ? what : "and more");
        }
    }

    private void CheckLimits(int depth)
    {
        if (depth > MostDepth || ++steps > 4 * MostTensors)
        {
            throw file.Broken(
                "the checkpoint",
                depth > MostDepth ? "nested in itself or deeper than 64 containers" : $"of more than {4 * MostTensors} values",
                $"nested in at most {MostDepth} containers and of fewer values"
            );
        }
    }

    private static string KeyText(object? key) =>
        key switch
        {
            string text => text.Length > MostNameCharacters ? text[..(MostNameCharacters + 1)] : text,
            long number => number.ToString(CultureInfo.InvariantCulture),
            _ => What(key),
        };

    private static string What(object? value) =>
        value switch
        {
            null => "None",
            bool flag => flag ? "True" : "False",
            long number => number.ToString(CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            string => "text",
            PickledDict => "a dict",
            PickledList => "a list",
            object?[] => "a tuple",
            PickledOther other => other.What,
            PickledGlobal global => global.Name,
            PickledStorage => "a storage",
            _ => "a tensor",
        };
}
