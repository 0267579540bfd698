using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>A job to which whatever can happen happens at random: what the placer answers, what the worker does, what people ask for.</summary>
internal sealed class Wandering(int seed)
{
    private const int AsksMax = 25;
    private static readonly TimeSpan CancelAfter = TimeSpan.FromSeconds(12);
    private static readonly ErrorCode[] Failures =
        [ErrorCode.PullFailed, ErrorCode.ImageNotFound, ErrorCode.StartFailed, ErrorCode.OutOfMemory, ErrorCode.InternalError, ErrorCode.RegistryUnavailable];

    private static readonly string[] Specs =
    [
        """{"process":["x"]}""",
        """{"process":["x"],"timeouts":{"total":"6s","stopGrace":"1s"}}""",
        """{"process":["x"],"timeouts":{"queue":"4s","stopGrace":"1s"},"retry":{"workerLost":{"max":3,"backoff":{"initial":"100ms"}}}}""",
        """{"process":["x"],"timeouts":{"stopGrace":"1s"},"retry":{"nonZero":{"max":3,"backoff":{"initial":"500ms"}},"workerLost":{"max":2,"backoff":{"initial":"1s"}},"pull":{"max":2,"backoff":{"initial":"1s"}}}}""",
        """{"process":["x"],"exit":{"nonZero":"data"},"retry":{"workerUnreachable":{"max":5},"workerLost":{"max":0}}}""",
    ];

    private readonly Lock gate = new();
    private readonly Random random = new(seed);

    public string Spec => Specs[seed % Specs.Length];

    public JobScript Script() => new() { Place = Place, Thinks = _ => Task.Delay(Next(3) == 0 ? Next(900) : 0), Run = RunAsync, Control = Control };

    /// <summary>Asks for things, now and then; in the end for its cancellation.</summary>
    public async Task MeddleAsync(WorkflowHandle handle)
    {
        using var end = new CancellationTokenSource(CancelAfter);
        var asked = new List<Task>();
        // Every fifth job is held back first, while it still waits.
        if (seed % 5 == 0) asked.Add(AskAsync(handle, 0));
        for (var commands = Next(8); commands > 0; commands--)
        {
            await Task.Delay(Next(1500));
            asked.Add(AskAsync(handle, Next(10)));
        }

        var closed = Task.WhenAny(handle.GetResultAsync());
        await Task.WhenAny(closed, Task.Delay(Timeout.Infinite, end.Token));
        if (!closed.IsCompleted) await QuietlyAsync(() => handle.CancelAsync());
        await Task.WhenAll(asked);
    }

    private static Task AskAsync(WorkflowHandle handle, int what) => QuietlyAsync(() => what switch
    {
        0 => Update(handle, JobNames.Pause, new PauseRequest { RequestedBy = "ann", Reason = "r" }),
        1 => Update(handle, JobNames.Unpause, new PauseRequest { RequestedBy = "ann", Reason = "r" }),
        2 => Update(handle, JobNames.SetPriority, new PriorityRequest { RequestedBy = "ann", Reason = "r", Priority = 70 }),
        3 or 4 => Update(handle, JobNames.Extend, new ExtendRequest { RequestedBy = "ann", Reason = "r", By = "5m" }),
        5 or 6 => Update(handle, JobNames.Stop, new StopRequest { RequestedBy = "ann", Reason = "r" }),
        7 => Update(handle, JobNames.Stop, new StopRequest { RequestedBy = "ann", Reason = "r", Mode = StopMode.Now }),
        8 => handle.CancelAsync(),
        _ => handle.SignalAsync(JobNames.Nudge, []),
    });

    private static Task<CommandResult> Update(WorkflowHandle handle, string name, object request) => handle.ExecuteUpdateAsync<CommandResult>(name, [request]);

    /// <summary>A job that is over, or refuses, answers with an error: also that is one of the things that happen.</summary>
    private static async Task QuietlyAsync(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (Exception refused) when (refused is RpcException or WorkflowUpdateFailedException or WorkflowFailedException)
        {
            // Nothing hangs on it.
        }
    }

    private PlaceAnswer Place(PlaceAsk ask)
    {
        var last = Math.Max(1, ask.Attempt + (Next(8) switch { 0 => -1, 1 => 1, _ => 0 }));
        if (ask.Ask > AsksMax) return JobScript.Ended(ask, ask.Attempt);
        if (ask.Ask == 1 && seed % 5 == 0) return JobScript.Waiting(ask);
        if (ask.Ask == 1 && Next(3) > 0) return JobScript.Offer(ask);
        return Next(14) switch
        {
            0 or 1 or 2 => JobScript.Offer(ask, Next(2) == 0 ? "w1" : "w2"),
            3 => JobScript.Offer(ask, "w3"),
            4 => JobScript.Offer(ask, attempt: last),
            5 => JobScript.Waiting(ask) with { Attempt = last },
            6 => new() { Kind = PlaceAnswerKind.Unavailable, Attempt = last, Why = "no connection" },
            7 or 8 => JobScript.Held(ask, last),
            9 or 10 => JobScript.Ended(ask, last, expired: Next(2) == 0),
            11 => JobScript.Ended(ask, last) with { Outcome = Report(last, ask), Expired = false },
            12 => JobScript.Ended(ask, last) with { Failure = Failure(), Expired = false },
            _ => Next(3) == 0 ? JobScript.Offer(ask, attempt: last) with { Kind = PlaceAnswerKind.Refused, Error = ErrorCode.NotAdmitted, Why = "refused" } : JobScript.Waiting(ask) with { Attempt = last },
        };
    }

    private async Task<ContainerReport> RunAsync(RunContainerInput input)
    {
        switch (Next(11))
        {
            case 0 or 1: return await JobScript.Silence(input);
            case 2 or 3: return await JobScript.UntilStopped(input);
            case 4: throw JobScript.Failure(Failures[Next(Failures.Length)], poison: Next(4) == 0);
            case 5: return JobScript.Exit(input, 137, ContainerEnd.TimedOut, signal: 9);
            case 6: return JobScript.Exit(input, 143, ContainerEnd.Drained, signal: 15);
            case 7: return JobScript.Exit(input, 143, ContainerEnd.Stopped, signal: 15);
            default:
                await Task.Delay(Next(600));
                return JobScript.Exit(input, Next(3));
        }
    }

    private void Control(object control)
    {
        ErrorCode? refusal = Next(4) switch { 0 => ErrorCode.AlreadyStopping, 1 => ErrorCode.WorkerUnreachable, _ => null };
        if (refusal is { } code) throw new ApplicationFailureException("no", errorType: code.ToString(), nonRetryable: true);
    }

    private ContainerFailure Failure()
    {
        var code = Failures[Next(Failures.Length)];
        return new() { Code = code, Phase = ErrorCatalogue.Of(code).Phase, Message = $"text of {code}" };
    }

    private ContainerReport Report(int attempt, PlaceAsk ask) => new()
    {
        Attempt = attempt,
        Lease = new($"{ask.Job}-{attempt}"),
        End = ContainerEnd.Exited,
        Outcome = new() { Code = Next(3) },
    };

    private int Next(int below)
    {
        lock (gate) return random.Next(below);
    }
}
