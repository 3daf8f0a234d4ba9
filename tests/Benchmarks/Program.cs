return args is ["decode", ..] ? await Pipeline.Benchmarks.Decode.DecodeBench.RunAsync(args[1..]) : 2;
