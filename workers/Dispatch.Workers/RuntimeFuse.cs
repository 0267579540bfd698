using System.Globalization;

namespace Dispatch.Workers;

/// <summary>
/// A runtime that answers and starts nothing would take one job after the other and fail it: after some failures in a row the worker is not ready for a while, then takes jobs
/// again, and is not ready for longer where the next one fails too. Safe for several threads.
/// </summary>
/// <param name="status">Is told.</param>
/// <param name="time">The clock.</param>
internal sealed class RuntimeFuse(WorkerStatus status, TimeProvider time)
{
    /// <summary>So many attempts that a runtime could not start, through no fault of their jobs and none started between, blow the fuse.</summary>
    internal const int FailuresMax = 3;

    /// <summary>How long the worker takes no jobs then; each further failure doubles it.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly Lock sync = new();
    private readonly Dictionary<string, Failing> failing = new(StringComparer.Ordinal);

    /// <summary>A runtime was to start an attempt.</summary>
    /// <param name="runtime">Its name.</param>
    /// <param name="failure">Why it could not; null where it has.</param>
    internal void Tried(string runtime, string? failure)
    {
        lock (sync)
        {
            if (failure is null)
            {
                if (failing.Remove(runtime))
                {
                    status.Condition(Condition(runtime), missing: null);
                }

                return;
            }

            if (!failing.TryGetValue(runtime, out var at))
            {
                failing.Add(runtime, at = new());
            }

            at.Count++;

            // What fails while it pauses was under way before.
            if (at.Count >= FailuresMax && at.Until is null)
            {
                var now = time.GetUtcNow();
                at.Until = now + at.Pause;
                at.Pause = at.Pause * 2 < LongestPause ? at.Pause * 2 : LongestPause;
                status.Condition(Condition(runtime), string.Create(
                    CultureInfo.InvariantCulture,
                    $"The runtime {runtime} has started none of the last {at.Count} attempts, the last because: {failure.TrimEnd('.')}. The worker takes jobs again at {at.Until:HH:mm:ss} UTC."));
            }
        }
    }

    /// <summary>Lets the worker take jobs again where a pause is over.</summary>
    internal void Look()
    {
        lock (sync)
        {
            foreach (var (runtime, at) in failing)
            {
                if (at.Until is { } until && time.GetUtcNow() >= until)
                {
                    at.Until = null;
                    status.Condition(Condition(runtime), missing: null);
                }
            }
        }
    }

    private static string Condition(string runtime) => $"starts of {runtime}";

    private sealed class Failing
    {
        internal int Count { get; set; }

        internal TimeSpan Pause { get; set; } = FirstPause;

        internal DateTimeOffset? Until { get; set; }
    }
}
