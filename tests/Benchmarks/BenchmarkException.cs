namespace Dispatch.Benchmarks;

/// <summary>What was measured cannot be trusted: a job failed, or a part did not do what it is for. No number is reported then.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
