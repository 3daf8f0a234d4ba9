using Pipeline.Sdk;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>Reads one pipeline file and gathers its faults.</summary>
/// <param name="source">The file's name, for faults.</param>
/// <param name="catalog">The kinds that the file may name.</param>
/// <param name="checksValues">Says of a stage whether the values of its options are checked.</param>
/// <param name="namesLines">Whether faults name lines; not where nobody has seen the text.</param>
internal sealed class PipelineReader(string source, StageCatalog catalog, Func<string, bool> checksValues, bool namesLines = true)
{
    private const string NameKey = "pipeline";

    private const string StagesKey = "stages";

    private readonly List<string> faults = [];

    public PipelineDefinition Read(string text, IReadOnlyList<string> sets)
    {
        var root = YamlTree.Read(text, source, out var unreadable);
        if (unreadable is not null)
        {
            throw new PipelineFileException([unreadable]);
        }

        var entries = Entries(root, "the file", $"a mapping with the keys {NameKey} and {StagesKey}");
        var name = Name(entries);
        var stages = Stages(entries);
        foreach (var set in sets)
        {
            Override(set, stages);
        }

        faults.AddRange(stages.Where(stage => checksValues(stage.Name)).SelectMany(stage => stage.Options?.Faults(stage.Name) ?? []));
        faults.AddRange(StageOrder.Faults(stages));
        faults.AddRange(StageNeeds.Faults(stages, catalog));
        return faults.Count == 0 ? Agreed(new PipelineDefinition(name, Resolved(stages))) : throw new PipelineFileException(faults);
    }

    private static PipelineDefinition Agreed(PipelineDefinition pipeline)
    {
        var disagreements = pipeline.Stages.SelectMany(stage => stage.Kind.Disagreements(stage, pipeline)).ToList();
        return disagreements.Count == 0 ? pipeline : throw new PipelineFileException(disagreements);
    }

    private static StageDefinition[] Resolved(IEnumerable<StageDraft> stages) =>
        [
            .. stages.SelectMany(stage =>
                stage is { Kind: { } kind, Options: { } options }
                    ? [new StageDefinition(stage.Name, kind, stage.After, options)]
                    : Array.Empty<StageDefinition>()
            ),
        ];

    private string Name(IReadOnlyList<YamlEntry> entries)
    {
        var entry = entries.FirstOrDefault(entry => entry.Key == NameKey);
        if (entry?.Value is YamlText { IsNull: false } text && !string.IsNullOrWhiteSpace(text.Text))
        {
            return text.Text;
        }

        var where = entry is null ? source : Where(entry.Line);
        var found = entry is null ? "missing" : Shown(entry.Value);
        faults.Add($"{NameKey} ({where}) is {found}; it must be the pipeline's name. Write {NameKey}: NAME as the first line.");
        return "";
    }

    private List<StageDraft> Stages(IReadOnlyList<YamlEntry> entries)
    {
        string[] known = [NameKey, StagesKey];
        foreach (var entry in entries.Where(entry => !known.Contains(entry.Key)))
        {
            Unknown(entry.Key, Where(entry.Line), entry.Key, known);
        }

        var stages = new List<StageDraft>();
        if (entries.FirstOrDefault(entry => entry.Key == StagesKey) is not { } all)
        {
            faults.Add(
                $"{StagesKey} ({source}) is missing; it must be a mapping from stage names to their options. Write one line a stage below {StagesKey}:."
            );
            return stages;
        }

        var listed = Entries(all.Value, StagesKey, "a mapping from stage names to their options", "is a stage of the pipeline already");
        foreach (var entry in listed)
        {
            stages.Add(Stage(entry, stages.LastOrDefault()?.Name));
        }

        if (listed.Count == 0 && all.Value is YamlMap)
        {
            faults.Add(
                $"{StagesKey} ({Where(all.Line)}) is empty; it must name at least one stage. Write one line a stage below {StagesKey}:."
            );
        }

        return stages;
    }

    private StageDraft Stage(YamlEntry entry, string? before)
    {
        var (name, where) = (entry.Key, Where(entry.Line));
        if (!StageName.IsGood(name))
        {
            faults.Add($"The stage '{name}' ({where}) is named so; the name must be {StageName.Wanted}. Rename the stage.");
        }

        var settings = entry.Value is YamlText { IsNull: true }
            ? []
            : Entries(entry.Value, name, "a mapping from options to values, such as { batch: 64 }");
        var after = After(name, settings, before);
        var kindEntry = settings.FirstOrDefault(setting => setting.Key == StageOption.Kind);
        var kindName = kindEntry?.Value is null ? name : (kindEntry.Value as YamlText)?.Text ?? Shown(kindEntry.Value);
        if (!catalog.TryFind(kindName, out var kind))
        {
            var at = kindEntry is null ? where : Where(kindEntry.Line);
            var remedy = kindEntry is null ? " Give the stage a known name, or a kind of its own (kind: NAME)." : " Change the kind.";
            remedy += " A plugin's kind needs --plugins DIR.";
            faults.Add(
                $"The kind of {name} ({at}) is {kindName}; it must be {catalog.Known}.{Nearest.Hint(kindName, catalog.Names)}{remedy}"
            );
            return new StageDraft(name, where, after, null, null);
        }

        return new StageDraft(name, where, after, kind, Options(name, kind, settings));
    }

    private IReadOnlyList<string> After(string stage, IReadOnlyList<YamlEntry> settings, string? before)
    {
        var entry = settings.FirstOrDefault(setting => setting.Key == StageOption.After);
        switch (entry?.Value)
        {
            case null:
                return before is null ? [] : [before];
            case YamlText { IsNull: false } one:
                return [one.Text];
            case YamlList list when list.Items.All(item => item is YamlText { IsNull: false }):
                return [.. list.Items.OfType<YamlText>().Select(item => item.Text)];
            default:
                faults.Add(
                    $"{stage}.{StageOption.After} ({Where(entry.Line)}) is {Shown(entry.Value)}; it must be a stage's name or a list of names. "
                        + "Name the stages that it follows, or write [] for none."
                );
                return [];
        }
    }

    private IStageOptions? Options(string stage, IStageKind kind, IReadOnlyList<YamlEntry> settings)
    {
        if (Activator.CreateInstance(kind.Options) is not IStageOptions options)
        {
            return null;
        }

        foreach (var setting in settings.Where(setting => setting.Key is not (StageOption.Kind or StageOption.After)))
        {
            if (StageOption.Find(options, setting.Key) is { } option)
            {
                Assign(options, option, setting.Value, $"{stage}.{option.Name} ({Where(setting.Line)})");
            }
            else
            {
                Unknown(
                    $"{stage}.{setting.Key}",
                    Where(setting.Line),
                    setting.Key,
                    [StageOption.After, StageOption.Kind, .. Names(options)]
                );
            }
        }

        return options;
    }

    private void Override(string set, IReadOnlyList<StageDraft> stages)
    {
        var where = $"--set {set}";
        if (set.Split('=', 2) is not [var key, var value] || key.Split('.') is not [var stageName, var optionName])
        {
            faults.Add($"{where} is no override; it must be stage.option=value, such as --set caption.microBatch=16. Write it so.");
            return;
        }

        if (stages.FirstOrDefault(stage => stage.Name == stageName) is not { } stage)
        {
            var names = stages.Select(stage => stage.Name).ToArray();
            faults.Add(
                $"The stage of {where} is {stageName}; it must be one of {string.Join(", ", names)}.{Nearest.Hint(stageName, names)} "
                    + "Name a stage of the pipeline."
            );
        }
        else if (stage.Options is { } options)
        {
            if (StageOption.Find(options, optionName) is { } option)
            {
                Assign(options, option, Given(option, value), $"{key} ({where})");
            }
            else
            {
                Unknown(key, where, optionName, [.. Names(options)]);
            }
        }
    }

    private static IEnumerable<string> Names(IStageOptions options) =>
        options is ForeignOptions ? [ForeignOptions.Wanted] : StageOption.Of(options).Select(option => option.Name);

    /// <summary>The text of an override as the file would hold it; a list's brackets may be left out.</summary>
    private static YamlValue Given(StageOption option, string text)
    {
        var isNull = text is "null" or "~";
        if (isNull || !(OptionValue.IsList(option.Type) || (option.Type == typeof(YamlValue) && text.StartsWith('['))))
        {
            return new YamlText(text, IsPlain: isNull || text.Length > 0, 0);
        }

        var list = text.StartsWith('[') ? text : $"[{text}]";
        return YamlTree.Read(list, "", out _) ?? new YamlText(text, IsPlain: true, 0);
    }

    private void Assign(IStageOptions options, StageOption option, YamlValue value, string what)
    {
        if (OptionValue.TryRead(option, value, out var result))
        {
            option.Set(options, result);
        }
        else
        {
            faults.Add($"{what} is {Shown(value)}; it must be {OptionValue.Wanted(option)}. Change the value.");
        }
    }

    /// <summary>A mapping's entries, each key once; a fault for anything else and for every repeated key.</summary>
    private List<YamlEntry> Entries(YamlValue? value, string what, string wanted, string repeated = "stands there already")
    {
        if (value is not YamlMap map)
        {
            faults.Add($"{what} ({Where(value?.Line ?? 1)}) is {Shown(value)}; it must be {wanted}. Write it so.");
            return [];
        }

        var once = new Dictionary<string, YamlEntry>();
        foreach (var entry in map.Entries.Where(entry => !once.TryAdd(entry.Key, entry)))
        {
            var first = Where(once[entry.Key].Line);
            faults.Add(
                $"{entry.Key} of {what} ({Where(entry.Line)}) {repeated} ({first}); every key must be unique. Remove or rename one."
            );
        }

        return [.. map.Entries.Where(entry => ReferenceEquals(once[entry.Key], entry))];
    }

    private void Unknown(string what, string where, string key, string[] known)
    {
        var list = known.Length == 0 ? "left out: the stage has no options" : $"one of {string.Join(", ", known)}";
        faults.Add($"{what} ({where}) is no known key; it must be {list}.{Nearest.Hint(key, known)} Correct or remove it.");
    }

    private string Where(long line) => namesLines ? $"{source}:{line}" : source;

    private static string Shown(YamlValue? value) =>
        value switch
        {
            YamlText { IsNull: true, Text: "" } or null => "empty",
            YamlText { IsPlain: true } text => text.Text,
            YamlText text => $"the text \"{text.Text}\"",
            YamlList list => $"[{string.Join(", ", list.Items.Select(Shown))}]",
            _ => "a mapping",
        };
}
