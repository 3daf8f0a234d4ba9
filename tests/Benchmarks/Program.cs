using Pipeline.Benchmarks;
using Pipeline.Benchmarks.Cluster;
using Pipeline.Benchmarks.Decode;
using Pipeline.Benchmarks.Encoders;
using Pipeline.Benchmarks.Flow;
using Pipeline.Benchmarks.Shards;

// Each benchmark prints one JSON line on stdout.
var benchmarks = new Dictionary<string, Func<string[], Task<int>>>(StringComparer.Ordinal)
{
    ["broker"] = BrokerBench.RunAsync,
    ["clip"] = ClipBench.RunAsync,
    ["decode"] = DecodeBench.RunAsync,
    ["efficiency"] = EfficiencyBench.RunAsync,
    ["flow"] = FlowBench.RunAsync,
    ["hotadd"] = HotAddBench.RunAsync,
    ["ingest"] = IngestBench.RunAsync,
    ["overhead"] = OverheadBench.RunAsync,
    ["peer"] = PeerBench.RunAsync,
    ["preprocess"] = PreprocessBench.RunAsync,
    ["replay"] = ReplayBench.RunAsync,
    ["scale"] = ScaleBench.RunAsync,
    ["shard"] = ShardBench.RunAsync,
    ["ingest-parquet"] = ParquetIngestBench.RunAsync,
    ["shards"] = ShardsBench.RunAsync,
    ["skip"] = SkipBench.RunAsync,
    ["tokenizer"] = TokenizerBench.RunAsync,
    ["transport"] = TransportBenchmark.RunAsync,
};

switch (args)
{
    case ["--list"]:
        foreach (var name in benchmarks.Keys.Order(StringComparer.Ordinal))
        {
            Console.WriteLine(name);
        }

        return 0;
    case [var name, .. var rest] when benchmarks.TryGetValue(name, out var run):
        return await run(rest);
    default:
        var given = args.Length == 0 ? "missing" : args[0];
        await Console.Error.WriteLineAsync(
            $"The benchmark's name is {given}; it must be one of: {string.Join(", ", benchmarks.Keys.Order(StringComparer.Ordinal))}. Name one, or list them with --list."
        );
        return 2;
}
