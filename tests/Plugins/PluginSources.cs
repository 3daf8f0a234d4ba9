namespace Pipeline.Plugins;

/// <summary>Plugins that are well or badly behaved, as source text.</summary>
internal static class PluginSources
{
    /// <summary>A stage that gives each sample one number.</summary>
    /// <param name="name">The kind's name.</param>
    /// <param name="version">The kind's version.</param>
    /// <param name="value">C# of the number, of <c>item</c>, the sample's id.</param>
    /// <param name="constructor">C# that the kind's constructor runs.</param>
    /// <param name="call">C# that runs before the model's results are given, of <c>items</c> and <c>stop</c>; may await.</param>
    /// <param name="dispose">C# that runs when the stage is disposed.</param>
    public static string Number(
        string name = "number",
        int version = 1,
        string value = "item.Length",
        string constructor = "",
        string call = "",
        string dispose = ""
    ) =>
        $$"""
            namespace Numbers;

            public sealed record NumberOptions : IStageOptions
            {
                public double Factor { get; init; } = 1;

                public IEnumerable<string> Faults(string stage) =>
                    Factor > 0 ? [] : [$"{stage}.factor is {Factor}; it must be above 0. Set it with --set."];
            }

            public sealed record NumberInput([Reads("ingest", "sample_id")] string SampleId) : ISampleRow;

            public sealed record NumberRow(string SampleId, double Number);

            public sealed class NumberKind : StageKind<NumberOptions, NumberInput, string, double, NumberRow>
            {
                public NumberKind() { {{constructor}} }
                public override string Name => "{{name}}";
                public override int Version => {{version}};
                public override IStage<NumberInput, string, double, NumberRow> Create(NumberOptions options, StageContext context) =>
                    new NumberStage(options, context);
            }

            public sealed class NumberStage(NumberOptions options, StageContext context)
                : IStage<NumberInput, string, double, NumberRow>, IDisposable
            {
                public StageContext Context => context;
                public IReadOnlyList<Item<string>> Prepare(NumberInput row) => [new(row.SampleId, null, row.SampleId)];
                public async ValueTask<IReadOnlyList<double>> InferAsync(IReadOnlyList<Item<string>> items, CancellationToken stop)
                {
                    await Task.Yield();
                    {{call}}
                    return [.. items.Select(item => Of(item.Value) * options.Factor)];
                }
                public NumberRow Finish(Item<string> item, double result) => new(item.SampleId, result);
                public void Dispose() { {{dispose}} }
                private static double Of(string item) => {{value}};
            }
            """;
}
