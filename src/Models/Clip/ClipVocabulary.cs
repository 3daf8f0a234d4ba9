using System.Text.Json;

namespace Pipeline.Models.Clip;

/// <summary>A tokenizer's tables as its folder holds them: <c>vocab.json</c> and <c>merges.txt</c>, or <c>tokenizer.json</c> alone.</summary>
/// <param name="Path">The file that the ids came from, for messages.</param>
/// <param name="Ids">Every token with its id.</param>
/// <param name="Merges">Pairs of tokens with a space between, the first to be merged first.</param>
/// <param name="Special">The tokens that stand for themselves inside a text.</param>
internal sealed record ClipVocabulary(
    string Path,
    IReadOnlyDictionary<string, int> Ids,
    IReadOnlyList<string> Merges,
    IReadOnlyDictionary<string, int> Special
)
{
    /// <summary>What a token at the end of a word ends with.</summary>
    public const string WordEnd = "</w>";

    private const string Start = "<|startoftext|>";
    private const string End = "<|endoftext|>";
    private const int MostTokens = 1 << 21;
    private static readonly string[] NoteFiles = ["special_tokens_map.json", "tokenizer_config.json"];

    /// <summary>The token before a text.</summary>
    public required int StartToken { get; init; }

    /// <summary>The token after a text.</summary>
    public required int EndToken { get; init; }

    /// <summary>What fills a row: the end token, or <c>!</c> in Stable Diffusion 2's text encoder.</summary>
    public required int PadToken { get; init; }

    /// <summary>Reads and checks the tables.</summary>
    /// <exception cref="InvalidDataException">A file is missing, broken, or is the tokenizer of another family; the message names file and field.</exception>
    public static ClipVocabulary Read(string folder)
    {
        var split = System.IO.Path.Combine(folder, "vocab.json");
        var whole = System.IO.Path.Combine(folder, "tokenizer.json");
        var added = new Dictionary<string, int>(StringComparer.Ordinal);
        string path;
        Dictionary<string, int> ids;
        string[] merges;
        if (File.Exists(split))
        {
            path = split;
            ids = IdsOf(split, "the file", ConfigObject.Read(split));
            merges = MergesFile(System.IO.Path.Combine(folder, "merges.txt"));
        }
        else if (File.Exists(whole))
        {
            path = whole;
            (ids, merges) = TokenizerFile(ConfigObject.Read(whole), added);
        }
        else
        {
            throw new InvalidDataException(
                $"{folder} holds neither vocab.json nor tokenizer.json; it must hold vocab.json with merges.txt, or tokenizer.json. Fetch the model again."
            );
        }

        Check(path, ids, merges);
        return Named(folder, path, ids, merges, added);
    }

    /// <summary>Finds the named tokens; each must be in the vocabulary.</summary>
    private static ClipVocabulary Named(
        string folder,
        string path,
        Dictionary<string, int> ids,
        string[] merges,
        Dictionary<string, int> special
    )
    {
        ConfigObject[] notes =
        [
            .. NoteFiles.Select(name => System.IO.Path.Combine(folder, name)).Where(File.Exists).Select(ConfigObject.Read),
        ];
        return new ClipVocabulary(path, ids, merges, special)
        {
            StartToken = Id("bos_token", Start),
            EndToken = Id("eos_token", End),
            PadToken = Id("pad_token", End),
        };

        int Id(string field, string absent)
        {
            var (where, token) = notes.Select(note => (note.Path, Content(note, field))).FirstOrDefault(found => found.Item2 is not null);
            token ??= absent;
            if (!ids.TryGetValue(token, out var id) || token.Length == 0)
            {
                throw new InvalidDataException(
                    $"{path}: {field} \"{token}\"{(where is null ? "" : $" of {where}")} is not among its {ids.Count} tokens; it must be. Is it another model's tokenizer? Fetch the model again."
                );
            }

            special[token] = id;
            return id;
        }
    }

    /// <summary>A token that stands there as a text, or as an object with <c>content</c>.</summary>
    private static string? Content(ConfigObject note, string field) =>
        note.Raw(field) is { ValueKind: JsonValueKind.Object } ? note.Object(field)?.Text("content") : note.Text(field);

    private static Dictionary<string, int> IdsOf(string path, string what, ConfigObject table)
    {
        var ids = table.Wholes(0, MostTokens);
        return ids.Count <= MostTokens
            ? ids
            : throw new InvalidDataException(
                $"{path}: {what} holds {ids.Count} tokens; it must hold at most {MostTokens}. Fetch the model again."
            );
    }

    private static string[] MergesFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"{path} is missing; beside vocab.json it must hold the merges. Fetch the model again.");
        }

        if (new FileInfo(path).Length > ConfigObject.MostBytes)
        {
            throw new InvalidDataException(
                $"{path} is over {ConfigObject.MostBytes} bytes long; it must be at most that. Fetch the model again."
            );
        }

        // The first line is the version, "#version: 0.2"; "#" begins merges of its own further down.
        return
        [
            .. File.ReadAllLines(path)
                .Where((line, index) => line.Length > 0 && !(index == 0 && line.StartsWith("#version", StringComparison.Ordinal))),
        ];
    }

    private static (Dictionary<string, int> Ids, string[] Merges) TokenizerFile(ConfigObject file, Dictionary<string, int> added)
    {
        var model = file.Object("model") ?? throw file.Wrong("model", "missing", "an object with vocab and merges");
        if (model.Text("type") is { } type && type != "BPE")
        {
            throw model.Wrong("type", $"\"{type}\"", "BPE", "CLIP's tokenizer is of that type: take the model's own.");
        }

        if (model.Text("end_of_word_suffix") is not WordEnd)
        {
            throw model.Wrong(
                "end_of_word_suffix",
                model.Text("end_of_word_suffix") ?? "missing",
                WordEnd,
                "Is it another model's tokenizer?"
            );
        }

        var ids = IdsOf(
            file.Path,
            "model.vocab",
            model.Object("vocab") ?? throw model.Wrong("vocab", "missing", "an object of tokens and ids")
        );
        var merges = model.Raw("merges") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(item => Merge(model, item)).ToArray()
            : throw model.Wrong("merges", "missing", "a list of pairs");
        foreach (var token in file.Raw("added_tokens") is { ValueKind: JsonValueKind.Array } tokens ? tokens.EnumerateArray() : default)
        {
            if (
                token.ValueKind != JsonValueKind.Object
                || !token.TryGetProperty("content", out var content)
                || content.ValueKind != JsonValueKind.String
                || !token.TryGetProperty("id", out var id)
                || id.ValueKind != JsonValueKind.Number
                || !id.TryGetInt32(out var number)
                || number is < 0 or > MostTokens
                || content.GetString() is not { Length: > 0 } text
            )
            {
                throw file.Wrong("added_tokens", "a list with an entry of another form", "a list of objects with id and content");
            }

            added[text] = number;
            ids[text] = number;
        }

        return (ids, merges);
    }

    /// <summary>A pair is a text with a space in it, or since 2024 a list of two.</summary>
    private static string Merge(ConfigObject model, JsonElement item) =>
        item.ValueKind == JsonValueKind.String ? item.GetString() ?? ""
        : item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2 ? $"{item[0]} {item[1]}"
        : throw model.Wrong("merges", $"a list with {ConfigObject.Kind(item)} in it", "a list of pairs");

    private static void Check(string path, Dictionary<string, int> ids, string[] merges)
    {
        if (merges.Length == 0)
        {
            throw new InvalidDataException(
                $"{path}: the tokenizer has no merges (merges.txt, or model.merges in tokenizer.json); it must have at least one. Fetch the model again."
            );
        }

        foreach (var symbol in ByteSymbols())
        {
            if (!ids.ContainsKey($"{symbol}") || !ids.ContainsKey($"{symbol}{WordEnd}"))
            {
                throw new InvalidDataException(
                    $"{path}: the vocabulary lacks \"{symbol}\" or \"{symbol}{WordEnd}\"; it must hold each byte, within and at the end of a word. Is it another model's tokenizer?"
                );
            }
        }

        foreach (var merge in merges)
        {
            var space = merge.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0 || space == merge.Length - 1 || merge.IndexOf(' ', space + 1) >= 0)
            {
                throw new InvalidDataException(
                    $"{path}: the merge \"{Short(merge)}\" is not two tokens with a space between; it must be. Fetch the model again."
                );
            }

            if (!ids.ContainsKey(merge[..space]) || !ids.ContainsKey(merge[(space + 1)..]) || !ids.ContainsKey(merge.Remove(space, 1)))
            {
                throw new InvalidDataException(
                    $"{path}: the merge \"{Short(merge)}\" has a part or a result that is no token; all three must be in the vocabulary. Do vocabulary and merges belong together?"
                );
            }
        }
    }

    private static string Short(string text) => text.Length > 60 ? $"{text[..60]}…" : text;

    /// <summary>The characters that stand for the 256 bytes in GPT-2's byte-level tables: printable Latin-1 for itself, the others from U+0100 on.</summary>
    private static IEnumerable<char> ByteSymbols()
    {
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            yield return value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : (char)next++;
        }
    }
}
