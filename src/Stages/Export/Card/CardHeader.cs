using System.Globalization;
using System.Text;
using Pipeline.Shards;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Export.Card;

/// <summary>The YAML at the top of the card, from which <c>datasets</c> and the Hugging Face hub take splits, features and licence.</summary>
/// <remarks>Form: github.com/huggingface/hub-docs, datasetcard.md; features as <c>datasets.Features._to_yaml_list</c> writes them.</remarks>
internal static class CardHeader
{
    private const string Unstated = "unknown"; // the hub's word for a licence that is not known

    private static readonly (long Below, string Name)[] Sizes =
    [
        (1_000, "n<1K"),
        (10_000, "1K<n<10K"),
        (100_000, "10K<n<100K"),
        (1_000_000, "100K<n<1M"),
        (10_000_000, "1M<n<10M"),
        (100_000_000, "10M<n<100M"),
        (1_000_000_000, "100M<n<1B"),
    ];

    /// <summary>The header, with its lines of <c>---</c>.</summary>
    public static string Of(CardContent content)
    {
        var yaml = new StringBuilder("---\n");
        Line(yaml, $"license: {OptionValue.Quoted(content.Options.License?.ToLowerInvariant() ?? Unstated)}");
        Line(yaml, $"pretty_name: {OptionValue.Quoted($"{content.Facts.Pipeline}: augmented data set")}");
        yaml.Append("task_categories:\n- image-classification\n");
        yaml.Append("annotations_creators:\n- found\n");
        Line(yaml, $"size_categories:\n- {SizeOf(content.Counts.Total)}");
        yaml.Append("tags:\n- augmented\n- synthetic\n");
        yaml.Append("configs:\n- config_name: default\n  data_files:\n");
        foreach (var split in content.Splits)
            Line(yaml, $"  - split: {OptionValue.Quoted(split.Alias)}\n    path: {OptionValue.Quoted(split.Pattern)}");
        yaml.Append("dataset_info:\n  features:\n");
        foreach (var column in content.Columns)
            Line(yaml, $"  - name: {OptionValue.Quoted(column.Name)}\n{Feature(column, content.ClassNames)}");
        yaml.Append("  splits:\n");
        foreach (var split in content.Splits)
            Line(yaml, $"  - name: {OptionValue.Quoted(split.Alias)}\n    num_bytes: {split.Bytes}\n    num_examples: {split.Rows}");
        var bytes = content.Files.Sum(file => file.Bytes);
        Line(yaml, $"  download_size: {bytes}\n  dataset_size: {bytes}");
        return yaml.Append("---\n").ToString();
    }

    private static string SizeOf(int rows) => Array.Find(Sizes, size => rows < size.Below).Name ?? "n>1T";

    private static string Feature(CardColumn column, IReadOnlyList<string> classNames)
    {
        if (column.Name == "label")
            return "    dtype:\n      class_label:\n        names:\n"
                + string.Join(
                    '\n',
                    classNames.Select(
                        (name, label) => $"          '{label.ToString(CultureInfo.InvariantCulture)}': {OptionValue.Quoted(name)}"
                    )
                );
        return column.Kind switch
        {
            null => "    dtype: image",
            ShardKind.Float32List or ShardKind.Float16List => "    sequence: float32",
            ShardKind.StringList => "    sequence: string",
            { } kind => $"    dtype: {new ShardType(kind, Nullable: false)}",
        };
    }

    private static void Line(StringBuilder yaml, FormattableString line) =>
        yaml.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
