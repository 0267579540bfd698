using Dispatch.Benchmarks;

return await BenchmarkProgram.RunAsync(args);
