using System.Text.Json;
using Pipeline.Models.Clip;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>One row of tokens.json: a text with three columns of ids.</summary>
/// <remarks>
/// A must is compared with all three. Where the columns differ, by the repair of texts alone, one of them has to be ours; the others are held to each other by the
/// row's own flags, so that few numbers of the file are passed over.
/// </remarks>
internal static class ClipTokensGolden
{
    private static readonly string[] Fields =
    [
        "hf_attention_mask",
        "hf_equals_hf_no_ftfy",
        "hf_ids",
        "hf_ids_no_ftfy",
        "hf_untruncated_length",
        "must",
        "openai_equals_hf",
        "openai_ids",
        "text",
    ];

    public static void Compare(JsonElement row, string name, ClipTokenizer tokenizer, GoldenReport report)
    {
        row.EnumerateObject()
            .Select(field => field.Name)
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal(Fields, "row {0} must be of the known form", name);
        var (openai, repaired, plain) = (Ids(row, "openai_ids"), Ids(row, "hf_ids"), Ids(row, "hf_ids_no_ftfy"));
        var ids = new long[plain.Length];
        var used = tokenizer.Encode(row.GetProperty("text").GetString()!, ids);
        var column = ids.SequenceEqual(repaired) || row.GetProperty("must").GetBoolean() ? "hf_ids" : "hf_ids_no_ftfy";
        report.Exact($"{name}/{column}", tensor(ids), tensor(column == "hf_ids" ? repaired : plain));
        var mask = Ids(row, "hf_attention_mask");
        report.Exact($"{name}/hf_attention_mask", tensor(Mask(repaired, tokenizer.EndToken)), tensor(mask));
        report.Exact(
            $"{name}/hf_untruncated_length",
            tensor(Length(row, used, repaired, tokenizer.EndToken)),
            tensor(row.GetProperty("hf_untruncated_length").GetInt64())
        );
        var isSame = row.GetProperty("openai_equals_hf").GetBoolean();
        Flag(report, $"{name}/openai_equals_hf", isSame, Text(openai).SequenceEqual(UpToEnd(repaired, tokenizer.EndToken)));
        Flag(report, $"{name}/hf_equals_hf_no_ftfy", row.GetProperty("hf_equals_hf_no_ftfy").GetBoolean(), repaired.SequenceEqual(plain));
        if (row.GetProperty("must").GetBoolean())
        {
            report.Exact($"{name}/hf_ids_no_ftfy", tensor(ids), tensor(plain));
            report.Exact($"{name}/openai_ids", tensor(ZeroPadded(ids, used)), tensor(openai));
        }
    }

    private static void Flag(GoldenReport report, string name, bool stored, bool found) =>
        report.Exact(name, tensor(found ? 1L : 0L), tensor(stored ? 1L : 0L));

    private static long[] Ids(JsonElement row, string field) => [.. row.GetProperty(field).EnumerateArray().Select(id => id.GetInt64())];

    private static long[] ZeroPadded(long[] ids, int used) => [.. ids.Select((id, place) => place < used ? id : 0)];

    /// <summary>openai/CLIP fills with zeros.</summary>
    private static IEnumerable<long> Text(long[] ids) => ids.Take(Array.FindLastIndex(ids, id => id != 0) + 1);

    private static IEnumerable<long> UpToEnd(long[] ids, long end) => ids.Take(Array.IndexOf(ids, end) + 1);

    /// <summary>1 up to the end token that no other id follows.</summary>
    private static long[] Mask(long[] ids, int end)
    {
        var used = Used(ids, end);
        return [.. ids.Select((_, place) => place < used ? 1L : 0L)];
    }

    private static int Used(long[] ids, int end) =>
        Array.FindLastIndex(ids, id => id != end) + 2 is var used && used > ids.Length ? ids.Length : used;

    /// <summary>Of our own count where the column is ours; else of the column itself, which must not have been cut then.</summary>
    private static long Length(JsonElement row, int used, long[] repaired, int end) =>
        row.GetProperty("hf_equals_hf_no_ftfy").GetBoolean() || Used(repaired, end) == repaired.Length ? used : Used(repaired, end);
}
