using Pipeline.Host.View;
using Pipeline.Stages.Runs.Lineage;

namespace Pipeline.Host.Commands;

/// <summary>A lineage for reading: what it is and what became of it, a block a stage, a line a variant.</summary>
internal static class LineageText
{
    /// <summary>Prints <paramref name="record"/>.</summary>
    public static void Write(LineageRecord record, TextWriter output)
    {
        var head = new TextTable(record.Subject.VariantId is null ? "sample" : "variant", record.Subject.Id ?? "(no id)");
        if (record.Subject.VariantId is not null)
            head.Add("parent", $"sample {record.Subject.SampleId}");
        head.Add("source", record.Subject.Uri ?? "(not known yet)");
        head.Add("run", $"{record.Run.Id}, {record.Run.Pipeline}, seed {record.Run.Seed}, {record.Run.State}");
        head.Add("outcome", Told(record.Outcome, record.Reason));
        head.Write(output);
        foreach (var step in record.Stages)
        {
            output.WriteLine();
            Write(step, output);
        }

        if (record.Variants.Count == 0)
            return;
        output.WriteLine();
        var variants = new TextTable("variant", "stage", "outcome", "prompt");
        foreach (var variant in record.Variants)
            variants.Add(variant.VariantId, variant.Stage, Told(variant.Outcome, variant.Reason), variant.Prompt ?? "");
        variants.Write(output);
    }

    private static void Write(LineageStep step, TextWriter output)
    {
        var table = new TextTable(step.Stage, Told(step.State, step.Reason));
        table.Add(
            "  kind",
            $"{step.Kind}, version {step.Version}{(step.After.Count == 0 ? "" : ", after " + string.Join(", ", step.After))}"
        );
        if (step.Options.Count > 0)
            table.Add("  options", string.Join(", ", step.Options.Select(option => $"{option.Key} {CellText.Of(option.Value)}")));
        foreach (var file in step.Files)
            table.Add("  file", $"{file.Path}, {(file.Hash is null ? "gone" : $"hash {file.Hash}")}");
        foreach (var model in step.Models)
            table.Add(
                "  model",
                $"{model.Name}{(model.Revision is null ? "" : $", revision {model.Revision}")}, {(model.Content is null ? "not known" : $"hash {model.Content}")}, licence {model.Licence ?? "not stated"}"
            );
        foreach (var (artifact, maker) in step.Artifacts)
            table.Add("  artifact", $"{artifact}, made by {maker}");
        foreach (var (column, value) in step.Values)
            table.Add("  " + column, value as string ?? CellText.Of(value));
        if (step.Shard is { } shard)
        {
            var call = shard.CallSize == 0 ? "" : $", {shard.CallSize} a model call";
            var time = shard.Seconds is { } seconds ? $", {Amounts.Seconds(TimeSpan.FromSeconds(seconds))} for the batch" : "";
            table.Add("  shard", $"{shard.Uri}, row {string.Join(", ", shard.Rows)}{time}");
            if (shard.Plugin is not null)
                table.Add("  plugin", $"SHA-256 {shard.Plugin}");
            if (shard.Topology is > 1)
                table.Add("  topology", $"version {shard.Topology}");
            table.Add("  content", $"{shard.Content}, fingerprint {shard.Fingerprint}, seed {shard.Seed}{call}");
            foreach (var parent in shard.Parents)
                table.Add("  parent", parent);
        }

        table.Write(output);
    }

    private static string Told(LineageState state, string? reason)
    {
        var word = state switch
        {
            LineageState.NotYet => "not yet",
            LineageState.NoRow => "makes nothing of it",
            LineageState.NotReached => "not reached",
            _ => state.ToString().ToLowerInvariant(),
        };
        return reason is null ? word : $"{word}: {reason}";
    }
}
