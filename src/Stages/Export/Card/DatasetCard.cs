using System.Globalization;
using System.Text;

namespace Pipeline.Stages.Export.Card;

/// <summary>The dataset card, <c>augmented/README.md</c>: what a person must know before using the data set.</summary>
internal static class DatasetCard
{
    /// <summary>Where it lies.</summary>
    public const string Uri = "augmented/README.md";

    private const int MostPrompts = 50;

    /// <summary>The card; equal contents give equal text.</summary>
    public static string Of(CardContent content)
    {
        var text = new StringBuilder(CardHeader.Of(content));
        Head(text, content);
        Counts(text, content);
        Making(text, content);
        Models(text, content);
        Filters(text, content);
        Columns(text, content);
        Rights(text, content);
        Limits(text, content);
        Reading(text, content);
        return text.ToString();
    }

    private static void Head(StringBuilder text, CardContent content)
    {
        var originals = content.Counts.Of(source: "original");
        Line(text, $"\n# {Escaped(content.Facts.Pipeline)}: augmented data set\n");
        Line(
            text,
            $"{originals} labelled images of {content.ClassNames.Count} classes, unchanged, and {content.Counts.Total - originals} edits of training images that were made by a program. Edits are in the split `train` alone; validation and test images are originals."
        );
    }

    private static void Counts(StringBuilder text, CardContent content)
    {
        var columns = content
            .Splits.SelectMany(split => content.Counts.SourcesOf(split.Name).Select(source => (split.Name, Source: source)))
            .ToList();
        Line(text, $"\n## Rows by class, split and source\n");
        Line(
            text,
            $"| class | {string.Join(" | ", columns.Select(column => $"{Escaped(column.Name)}, {Escaped(column.Source)}"))} | all |"
        );
        Line(text, $"|---|{string.Concat(columns.Select(_ => "--:|"))}--:|");
        foreach (var name in content.ClassNames)
            Line(
                text,
                $"| {Escaped(name)} | {string.Join(" | ", columns.Select(column => content.Counts.Of(column.Name, column.Source, name)))} | {content.Counts.Of(className: name)} |"
            );
        Line(
            text,
            $"| all | {string.Join(" | ", columns.Select(column => content.Counts.Of(column.Name, column.Source)))} | {content.Counts.Total} |"
        );
    }

    private static void Making(StringBuilder text, CardContent content)
    {
        Line(text, $"\n## How each image was made\n");
        Line(text, $"- `source` is `original`: the bytes of the input file that `image.path` names, unchanged.");
        foreach (
            var stage in content
                .Splits.SelectMany(split => content.Counts.SourcesOf(split.Name))
                .Where(source => source != "original")
                .Distinct()
        )
            Line(
                text,
                $"- `source` is `{stage}`: the stage of that name made it from the original with the same `sample_id`, as `prompt` asks; `variant_id` is its own."
            );
        Line(text, $"\nThe stages and their settings, as far as they can change an output. Seed of every draw: {content.Seed}.\n");
        foreach (var stage in content.Facts.Stages)
            Line(
                text,
                $"- **{Escaped(stage.Name)}** ({Escaped(stage.Kind)}, version {stage.Version}){(stage.Options.Count > 0 ? ": " : "")}{string.Join(", ", stage.Options.Select(option => $"`{option.Name}` {Escaped(option.Value)}"))}"
            );
        var prompts = content.Counts.Prompts.ToList();
        if (prompts.Count == 0)
            return;
        Line(text, $"\n| prompt | edits |\n|---|--:|");
        foreach (var (prompt, rows) in prompts.Take(MostPrompts))
            Line(text, $"| {Escaped(prompt)} | {rows} |");
        if (prompts.Count > MostPrompts)
            Line(text, $"| {prompts.Count - MostPrompts} other prompts | {prompts.Skip(MostPrompts).Sum(prompt => prompt.Rows)} |");
    }

    private static void Models(StringBuilder text, CardContent content)
    {
        Line(text, $"\n## Models\n");
        foreach (var stage in content.Facts.Stages)
        {
            if (stage.Backend is not null)
                Line(text, $"{BuiltIn(stage.Name, stage.Backend)}");
            Files(text, stage.Name, stage.Files);
            Models(text, stage.Name, stage.Models);
        }

        foreach (var artifact in content.Facts.Artifacts)
        {
            Line(
                text,
                $"- {Escaped(artifact.Stage)} made `{artifact.Name}` from this data set's own samples, hash {artifact.Content}; its terms follow from theirs{(artifact.Files.Count > 0 ? " and those of the file that it began with" : "")}."
            );
            Files(text, artifact.Stage, artifact.Files);
            Models(text, artifact.Stage, artifact.Models);
        }

        if (content.Facts is { Stages.Count: 0, Artifacts.Count: 0 })
            Line(text, $"None.");
    }

    private static void Files(StringBuilder text, string stage, IReadOnlyList<FileFacts> files)
    {
        foreach (var file in files)
            Line(
                text,
                $"- {Escaped(stage)}: the file `{file.Name}`, XxHash128 {file.Hash}; its licence is not known to the program: see where it came from."
            );
    }

    private static void Models(StringBuilder text, string stage, IReadOnlyList<ModelFacts> models)
    {
        foreach (var model in models)
            Line(
                text,
                $"- {Escaped(stage)}: the model `{model.Name}`{(model.Revision is null ? "" : $", revision {model.Revision}")}, files' hash {model.Content}, licence {Escaped(model.Licence ?? "not stated by its files: see where it came from")}{(model.IsRestricted ? ", which restricts its use and what is made with it" : "")}."
            );
    }

    private static string BuiltIn(string stage, string backend) =>
        BackendNotes.Of(backend) is { } note
            ? $"- {Escaped(stage)}: `{backend}`, built into the program (no weights, no file, the program's own licence), {note}."
            : $"- {Escaped(stage)}: `{backend}`.";

    private static void Filters(StringBuilder text, CardContent content)
    {
        Line(text, $"\n## What was filtered\n");
        foreach (var filter in content.Verdicts)
            Line(
                text,
                $"- {Escaped(filter.Stage)} judged {filter.Total} edits and removed {Share(filter.Removed, filter.Total)}: {string.Join(", ", filter.Verdicts.Select(verdict => $"`{verdict.Key}` {Share(verdict.Value, filter.Total)}"))}."
            );
        if (content.Facts.Selection is { } selection)
        {
            var all = selection.Selected + selection.Dropped.Values.Sum();
            Line(
                text,
                $"- The selection took {selection.Selected} edits and left {Share(all - selection.Selected, all)}: {string.Join(", ", selection.Dropped.OrderBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => $"`{reason.Key}` {Share(reason.Value, all)}"))}."
            );
            foreach (var (label, wanted, got) in selection.Shortfalls)
                Line(text, $"- Class {Escaped(content.ClassNames[label])} has {got} edits where {wanted} were wanted.");
        }

        foreach (var aside in content.Facts.SetAside)
            Line(text, $"- {Escaped(aside.Stage)}: {aside.Count} set aside as `{aside.Reason}`.");
        Line(
            text,
            $"- {content.SamplesLeftOut} samples of the input are not in the data set, and with them {content.EditsLeftOut} selected edits."
        );
    }

    private static void Columns(StringBuilder text, CardContent content)
    {
        Line(text, $"\n## Columns\n\n| column | holds |\n|---|---|");
        foreach (var column in content.Columns)
            Line(text, $"| `{Escaped(column.Name)}` | {Escaped(column.Meaning)} |");
    }

    private static void Rights(StringBuilder text, CardContent content)
    {
        Line(text, $"\n## Licence\n");
        Line(
            text,
            content.Options.License is { } license
                ? (FormattableString)$"{Escaped(license)}, as stated by who made the data set with `export.license`."
                : $"Not stated. The program does not know under which terms the input images may be passed on, and edits are derived from them. Before publishing, state a licence with `--set export.license=ID` (an identifier of spdx.org/licenses)."
        );
    }

    private static void Limits(StringBuilder text, CardContent content)
    {
        Line(text, $"\n## Known limits\n");
        Line(
            text,
            $"- An edit keeps the label of its source. A filter checks that by a model's opinion, where there is one; no person looked at it."
        );
        Line(text, $"- Edits inherit what is biased in the originals, and add what their recipes or models prefer.");
        Line(text, $"- No faces, names or other personal data were looked for, and none removed.");
        foreach (var limit in content.Facts.Backends.Select(BackendNotes.LimitOf).OfType<string>())
            Line(text, $"- {limit}");
    }

    private static void Reading(StringBuilder text, CardContent content)
    {
        Line(text, $"\n## Reading it\n\n```python\nfrom datasets import load_dataset\ndata = load_dataset(\"path/to/augmented\")\n```\n");
        Line(
            text,
            $"`manifest.json` lists the files with rows, bytes and hashes, `croissant.json` describes them in Croissant 1.0. Every column is in every file of this export; a file of an older one may lack columns that came later, which readers by name (`union_by_name` in DuckDB, our own) take for nulls."
        );
        foreach (var split in content.Splits.Where(split => split.Alias != split.Name))
            Line(text, $"\nThe split `{Escaped(split.Name)}` is named `{split.Alias}` for `datasets`.");
    }

    private static string Share(int part, int whole) =>
        whole == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{part} ({100.0 * part / whole:0.0} %)");

    /// <summary>Text that a Markdown table and line take as it is.</summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (letter is '|' or '\\' or '*' or '<' or '>' or '[' or ']')
                escaped.Append('\\');
            escaped.Append(char.IsControl(letter) ? ' ' : letter);
        }

        return escaped.ToString();
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
