using System.Text.RegularExpressions;

namespace Pipeline.Stages.Failures;

/// <summary>Takes out of an error's message what differs from one batch to the next, so that one cause is one group.</summary>
public static partial class MessagePattern
{
    private const string Punctuation = ".,:;!?";

    /// <summary>The message with <c>{path}</c>, <c>{id}</c> and <c>{n}</c> in the place of paths and addresses, of ids (8 or more hexadecimal digits, GUIDs) and of numbers.</summary>
    public static string Of(string message) => Number().Replace(Id().Replace(Word().Replace(message, Path), "{id}"), "{n}");

    /// <summary>A word with a slash or a backslash in it, or one that ends as a file's name does; the full stop behind it is the sentence's.</summary>
    private static string Path(Match word)
    {
        var bare = word.Value.TrimEnd(Punctuation.ToCharArray());
        return bare.AsSpan().ContainsAny('/', '\\') || FileName().IsMatch(bare) ? "{path}" + word.Value[bare.Length..] : word.Value;
    }

    [GeneratedRegex("""[^\s'"`()\[\]<>=,;]+""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();

    [GeneratedRegex(
        @"\.(?:parquet|json|jsonl|jpe?g|png|webp|csv|tar|ya?ml|onnx|safetensors|txt)$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex FileName();

    [GeneratedRegex(
        @"\b(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?:0x)?(?=[0-9a-fA-F]*[0-9])[0-9a-fA-F]{8,})\b",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Id();

    [GeneratedRegex(@"(?<![\w{])[+-]?\d+(?:[.,']\d+)*(?:[eE][+-]?\d+)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();
}
