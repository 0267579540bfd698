using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Temporalio.Activities;
using Temporalio.Exceptions;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>What the placer and the workers do in one job's run.</summary>
internal sealed record JobScript
{
    /// <summary>Short times, so that silence is noticed soon.</summary>
    public static readonly TimeProfile Times = TimeProfile.Fast with
    {
        Name = "test",
        Receipt = TimeSpan.FromMilliseconds(700),

        // The SDK sends heartbeats at four fifths of it: the last fifth is what a busy machine may be late.
        HeartbeatTimeout = TimeSpan.FromSeconds(3),
        KillBudget = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>The placer; by default each attempt is offered to <c>w1</c>.</summary>
    public Func<PlaceAsk, PlaceAnswer> Place { get; init; } = ask => Offer(ask);

    /// <summary>What the placer waits for before it answers; by default nothing.</summary>
    public Func<PlaceAsk, Task> Thinks { get; init; } = _ => Task.CompletedTask;

    /// <summary>What the placer waits for before a settlement is written; by default nothing.</summary>
    public Func<CancellationToken, Task> Settles { get; init; } = _ => Task.CompletedTask;

    /// <summary>The worker; by default the workload exits 0.</summary>
    public Func<RunContainerInput, Task<ContainerReport>> Run { get; init; } = input => Task.FromResult(Exit(input, 0));

    /// <summary>The controls; by default they are carried out.</summary>
    public Action<object> Control { get; init; } = _ => { };

    /// <summary>What a control waits for before it is carried out; by default nothing.</summary>
    public Func<object, Task> ControlTakes { get; init; } = _ => Task.CompletedTask;

    public static PlaceAnswer Offer(PlaceAsk ask, string worker = "w1", int? attempt = null) => new()
    {
        Kind = PlaceAnswerKind.Offered,
        Attempt = attempt ?? ask.Attempt,
        Worker = new(worker),
        Incarnation = 1,
        Lease = new($"{ask.Job}-{attempt ?? ask.Attempt}"),
        Fence = 100 + (attempt ?? ask.Attempt),
        Router = "least-loaded@1",
        Profile = Times,
        Explanation = new() { Router = "least-loaded@1", Considered = 1, Chosen = new(worker), Summary = $"{worker} has room." },
    };

    public static PlaceAnswer Waiting(PlaceAsk ask, string why = "no room") => new() { Kind = PlaceAnswerKind.Waiting, Attempt = ask.Attempt, Why = why };

    public static PlaceAnswer Held(PlaceAsk ask, int attempt = 1) => Offer(ask, attempt: attempt) with { Kind = PlaceAnswerKind.Held };

    public static PlaceAnswer Ended(PlaceAsk ask, int attempt = 1, bool expired = true) =>
        Offer(ask, attempt: attempt) with { Kind = PlaceAnswerKind.Ended, Expired = expired };

    public static ContainerReport Exit(RunContainerInput input, int code, ContainerEnd end = ContainerEnd.Exited, int? signal = null) => new()
    {
        Attempt = input.Attempt,
        Lease = input.Lease,
        End = end,
        Outcome = new() { Code = code, Signal = signal },
        StartedAt = DateTimeOffset.UnixEpoch,
        EndedAt = DateTimeOffset.UnixEpoch.AddSeconds(1),
        RunSeconds = 1,
        Log = new(input.Attempt, 6, 0),
    };

    public static ApplicationFailureException Failure(ErrorCode code, bool poison = false) => new(
        $"text of {code}",
        errorType: code.ToString(),
        nonRetryable: true,
        details: [new ContainerFailure { Code = code, Phase = ErrorCatalogue.Of(code).Phase, Message = $"text of {code}", Poison = poison }]);

    /// <summary>A worker that takes the job and says nothing any more.</summary>
    public static Task<ContainerReport> Silence(RunContainerInput input) => throw new CompleteAsyncException();

    /// <summary>A worker that runs until it is cancelled and then reports how it stopped.</summary>
    public static async Task<ContainerReport> UntilStopped(RunContainerInput input)
    {
        var context = ActivityExecutionContext.Current;
        while (!context.CancellationToken.IsCancellationRequested)
        {
            context.Heartbeat();
            await Task.WhenAny(Task.Delay(100), context.CancellationToken.WaitHandle.AsTask());
        }

        return Exit(input, 143, ContainerEnd.Stopped, signal: 15);
    }
}

/// <summary>Waits for handles without blocking a thread for good.</summary>
internal static class WaitHandles
{
    public static Task AsTask(this WaitHandle handle)
    {
        var source = new TaskCompletionSource();
        ThreadPool.RegisterWaitForSingleObject(handle, (_, _) => source.TrySetResult(), null, Timeout.Infinite, executeOnlyOnce: true);
        return source.Task;
    }
}
