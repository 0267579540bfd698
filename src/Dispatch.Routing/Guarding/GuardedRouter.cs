using System.Collections.Concurrent;
using Dispatch.Contracts.Ids;
using Dispatch.Routing.Filters;

namespace Dispatch.Routing.Guarding;

/// <summary>A router under guard: what it does wrong is an error of that one placement.</summary>
/// <remarks>
/// A call cannot be ended from outside: one that hangs is left behind and counted. A router that is not built in is never called for a job while a call for it is under way,
/// and while <see cref="AbandonedMax"/> calls hang it is not called at all.
/// </remarks>
public sealed class GuardedRouter
{
    /// <summary>Calls of one router that may hang at once.</summary>
    public const int AbandonedMax = 64;

    private readonly IRouter router;
    private readonly TimeProvider time;
    private readonly bool trusted;
    private readonly ConcurrentDictionary<JobId, bool> underWay = [];
    private int abandoned;

    /// <summary>Puts a router under guard.</summary>
    /// <param name="router">The router.</param>
    /// <param name="time">The clock of the time limit.</param>
    /// <param name="trusted">Whether it consists of built-in parts alone, and is called on the caller's own thread.</param>
    public GuardedRouter(IRouter router, TimeProvider time, bool trusted = false)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(time);
        this.router = router;
        this.time = time;
        this.trusted = trusted;
    }

    /// <summary>How long a router may take.</summary>
    public static TimeSpan CallMax { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Name and version, as <c>least-loaded@1</c>.</summary>
    public string Label => $"{router.Name}@{router.Version}";

    /// <summary>Calls that hang now.</summary>
    public int Abandoned => Volatile.Read(ref abandoned);

    /// <summary>What the router adds to a job's shape; a router that throws here adds nothing.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The text, at most 200 characters.</returns>
    public string ShapeOf(JobFacts job)
    {
        if (trusted) return router.ShapeOf(job);
        try
        {
            var text = router.ShapeOf(job) ?? "";
            return text.Length <= 200 ? text : text[..200];
        }
#pragma warning disable CA1031 // Whatever a router throws is its own error; routing the job will say so.
        catch (Exception)
#pragma warning restore CA1031
        {
            return "";
        }
    }

    /// <summary>Routes.</summary>
    /// <param name="request">The question.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The router's answer, or what was wrong with it.</returns>
    public async ValueTask<GuardedResult> RouteAsync(RoutingRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Abandoned >= AbandonedMax) return GuardedResult.Failed($"router {Label} is not called: {AbandonedMax} of its calls hang");
        if (!trusted && !underWay.TryAdd(request.Job.Job, true)) return GuardedResult.UnderWay($"router {Label} is still at work on an earlier call for this job");
        try
        {
            var result = trusted ? router.Route(request) : await CallAsync(request, cancellationToken).ConfigureAwait(false);
            return Check(request, result);
        }
        catch (TimeoutException)
        {
            return GuardedResult.Failed($"router {Label} did not answer within {CallMax.TotalSeconds:0} s");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever a router throws is an error of this placement only; the text goes to the job.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return GuardedResult.Failed($"router {Label} threw {error.GetType().Name}: {error.Message}");
        }
    }

    private async Task<RoutingResult> CallAsync(RoutingRequest request, CancellationToken cancellationToken)
    {
        var call = Task.Factory.StartNew(() => router.Route(request), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await call.WaitAsync(CallMax, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            var job = request.Job.Job;
            if (call.IsCompleted)
            {
                underWay.TryRemove(job, out _);
            }
            else
            {
                Interlocked.Increment(ref abandoned);
                _ = call.ContinueWith(ended => Ended(ended, job), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    private void Ended(Task call, JobId job)
    {
        _ = call.Exception;
        underWay.TryRemove(job, out _);
        Interlocked.Decrement(ref abandoned);
    }

    private GuardedResult Check(RoutingRequest request, RoutingResult? result)
    {
        if (result is null) return GuardedResult.Failed($"router {Label} answered nothing");
        if (result.Chosen is not { } chosen) return new GuardedResult(result, null);
        if (Find(request, chosen) is not { } candidate)
            return GuardedResult.Failed($"router {Label} named worker {chosen.Worker} incarnation {chosen.Incarnation}, which is not among the {request.Candidates.Count} candidates");
        if (trusted) return new GuardedResult(result, null);
        var checking = request with { Excluded = [] };
        var refusal = FilterChain.BuiltIn.FirstRefusal(checking, candidate);
        if (refusal < 0) return new GuardedResult(result with { Chosen = candidate }, null);
        var filter = FilterChain.BuiltIn.At(refusal);
        return GuardedResult.Failed($"router {Label} named worker {chosen.Worker}, which filter {filter.Name} refuses: {filter.Refusal(checking, candidate)}");
    }

    private static CandidateView? Find(RoutingRequest request, CandidateView chosen)
    {
        for (var i = 0; i < request.Candidates.Count; i++)
        {
            var candidate = request.Candidates[i];
            if (candidate.Worker == chosen.Worker && candidate.Incarnation == chosen.Incarnation) return candidate;
        }

        return null;
    }
}
