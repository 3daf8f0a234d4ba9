using System.Text;

namespace Pipeline.Models.Onnx.Guard;

/// <summary>Where in a model file something lies, for error messages: <c>model.onnx: graph.node[3] (If "switch").attribute[0] ("then_branch")</c>.</summary>
/// <param name="parent">The message around it; null for the file.</param>
/// <param name="field">The field's name there, or the file's path.</param>
/// <param name="index">Its place among fields of the name; -1 for one that stands once.</param>
/// <param name="kind">What it is.</param>
/// <param name="message">Its bytes, in which its name is found.</param>
internal sealed class OnnxPlace(OnnxPlace? parent, string field, int index, OnnxKind kind, ReadOnlyMemory<byte> message)
{
    private const int LongestName = 80;

    /// <summary>The error that the file is refused with.</summary>
    /// <param name="what">The field of this message, or nothing.</param>
    /// <param name="found">What it is.</param>
    /// <param name="wanted">What it must be.</param>
    public InvalidDataException Refusal(string what, string found, string wanted) =>
        new(
            $"{(what.Length == 0 ? $"{this}" : $"{this}: {what}")} is {found}; it must be {wanted}. Take the model from its publisher again, or another one."
        );

    /// <summary>A message that lies in this one.</summary>
    public OnnxPlace In(OnnxField inner, int place, ReadOnlyMemory<byte> bytes) =>
        new(this, inner.Name, inner.IsList ? place : -1, inner.Kind ?? kind, bytes);

    /// <summary>The path for people.</summary>
    public override string ToString()
    {
        if (parent is null)
        {
            return field;
        }

        var own = index < 0 ? field : $"{field}[{index}]";
        return $"{parent}{(parent.IsFile ? ": " : ".")}{own}{Name()}";
    }

    private bool IsFile => parent is null;

    /// <summary>The file, whose path needs no look into a message that may be broken.</summary>
    private OnnxPlace Top => parent?.Top ?? this;

    private string Name()
    {
        var name = First(OnnxSchema.NameOf(kind));
        var operation = kind == OnnxKind.Node ? First(4) : "";
        var words = (operation.Length > 0, name.Length > 0) switch
        {
            (true, true) => $"{operation} \"{name}\"",
            (true, false) => operation,
            (false, true) => $"\"{name}\"",
            _ => "",
        };
        return words.Length == 0 ? "" : $" ({words})";
    }

    /// <summary>The text of a field, short and printable; nothing where the message is too broken to have one.</summary>
    private string First(int number)
    {
        try
        {
            foreach (var part in ProtoFields.Read(message, Top))
            {
                if (number > 0 && part.Number == number && part.Wire == ProtoFields.Length)
                {
                    return Printable(part.Bytes.Span);
                }
            }
        }
        catch (BrokenMessageException)
        {
            return "";
        }

        return "";
    }

    /// <summary>A text of the file as it may stand in a message: cut, without control characters.</summary>
    public static string Printable(ReadOnlySpan<byte> text) =>
        new([
            .. Encoding.UTF8.GetString(text[..Math.Min(text.Length, LongestName)]).Select(symbol => char.IsControl(symbol) ? '?' : symbol),
        ]);
}
