using Dispatch.Contracts.Runs;

namespace Dispatch.Benchmarks.Loads;

/// <summary>A job that was run, by the client's clock.</summary>
/// <param name="Id">Its id.</param>
/// <param name="SubmittedAt">Just before the client's call.</param>
/// <param name="EndedAt">Right after its result was there.</param>
/// <param name="Report">The result.</param>
internal sealed record JobRun(string Id, DateTimeOffset SubmittedAt, DateTimeOffset EndedAt, JobReport Report);
