using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>A node of a YAML file and the line that it starts on, from 1.</summary>
internal abstract record YamlValue(long Line);

/// <summary>A scalar as written; plain when it stands in no quotes.</summary>
internal sealed record YamlText(string Text, bool IsPlain, long Line) : YamlValue(Line)
{
    public bool IsNull => IsPlain && Text is "" or "null" or "~";
}

/// <summary>A sequence.</summary>
internal sealed record YamlList(IReadOnlyList<YamlValue> Items, long Line) : YamlValue(Line);

/// <summary>A mapping in the file's order; a key may stand in it twice.</summary>
internal sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, long Line) : YamlValue(Line);

/// <summary>A key, the line of the key, and its value.</summary>
internal sealed record YamlEntry(string Key, long Line, YamlValue Value);

/// <summary>Reads YAML into text, lists and mappings and nothing else: no type is made, no alias followed.</summary>
/// <remarks>Over the parser's events, because the library's own document model stops at the first duplicate key.</remarks>
internal sealed class YamlTree
{
    private const int DeepestLevels = 16;

    private readonly Parser parser;

    private YamlTree(string text) => parser = new Parser(new StringReader(text));

    /// <summary>The file's one document; null, with <paramref name="fault"/> said, when it cannot be read.</summary>
    public static YamlValue? Read(string text, string source, out string? fault)
    {
        var tree = new YamlTree(text);
        try
        {
            fault = null;
            return tree.Document();
        }
        catch (YamlException error)
        {
            var lines = error.End.Line > error.Start.Line ? $"{error.Start.Line}-{error.End.Line}" : $"{error.Start.Line}";
            fault = Unreadable($"{source}:{lines}", error.Message.TrimEnd('.').ReplaceLineEndings(" "));
        }
        catch (InvalidOperationException)
        {
            // The library's scanner throws it at a flow mapping whose next line is not indented enough.
            fault = Unreadable(
                $"{source}:{tree.parser.Current?.End.Line ?? 1}",
                "what follows is not indented enough, or a bracket is missing"
            );
        }
        catch (ArgumentException error)
        {
            // Thrown for a tag that is no good URI.
            fault = Unreadable($"{source}:{tree.parser.Current?.End.Line ?? 1}", error.Message.Split('\n')[0].TrimEnd('.'));
        }

        return null;
    }

    private static string Unreadable(string where, string why) =>
        $"{where} is not readable as YAML ({why}); it must be one document of mappings, lists and text. Mend it there.";

    private YamlValue Document()
    {
        while (parser.MoveNext() && parser.Current is StreamStart or DocumentStart) { }

        var root = parser.Current is StreamEnd or null ? new YamlText("", IsPlain: true, 1) : Node(1);
        while (parser.MoveNext())
        {
            if (parser.Current is DocumentStart second)
            {
                throw new YamlException(second.Start, second.End, "a second document begins");
            }
        }

        return root;
    }

    private YamlValue Node(int level)
    {
        var node = Current;
        Refuse(level > DeepestLevels, node, $"it is nested more than {DeepestLevels} levels deep");
        Refuse(node is AnchorAlias or NodeEvent { Anchor.IsEmpty: false }, node, "anchors and aliases are not taken; write the value out");
        Refuse(node is NodeEvent { Tag.IsEmpty: false }, node, "tags are not taken; leave the word with the exclamation mark out");
        return node switch
        {
            Scalar scalar => new YamlText(scalar.Value, scalar.Style == ScalarStyle.Plain, scalar.Start.Line),
            SequenceStart => new YamlList(Items(level), node.Start.Line),
            _ => new YamlMap(Entries(level), node.Start.Line),
        };
    }

    private List<YamlValue> Items(int level)
    {
        var items = new List<YamlValue>();
        while (parser.MoveNext() && parser.Current is not SequenceEnd)
        {
            items.Add(Node(level + 1));
        }

        return items;
    }

    private List<YamlEntry> Entries(int level)
    {
        var entries = new List<YamlEntry>();
        while (parser.MoveNext() && parser.Current is not MappingEnd)
        {
            var start = Current;
            var key = Node(level + 1) as YamlText;
            Refuse(key is null, start, "a key must be a word");
            parser.MoveNext();
            entries.Add(new YamlEntry(key?.Text ?? "", start.Start.Line, Node(level + 1)));
        }

        return entries;
    }

    private ParsingEvent Current => parser.Current ?? throw new YamlException("the text ends too early");

    private static void Refuse(bool wrong, ParsingEvent at, string why)
    {
        if (wrong)
        {
            throw new YamlException(at.Start, at.End, why);
        }
    }
}
