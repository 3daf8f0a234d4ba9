using Pipeline.Benchmarks;

// Each benchmark prints one JSON line on stdout; colleagues add theirs here.
var benchmarks = new Dictionary<string, Func<string[], Task<int>>>(StringComparer.Ordinal) { ["transport"] = TransportBenchmark.RunAsync };

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
        var known = benchmarks.Count == 0 ? "none yet" : string.Join(", ", benchmarks.Keys.Order(StringComparer.Ordinal));
        await Console.Error.WriteLineAsync(
            $"The benchmark's name is {given}; it must be one of: {known}. Name one, or list them with --list."
        );
        return 2;
}
