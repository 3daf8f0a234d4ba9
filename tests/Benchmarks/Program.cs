return await Pipeline.Benchmarks.Shards.ShardsBench.RunAsync(args);
