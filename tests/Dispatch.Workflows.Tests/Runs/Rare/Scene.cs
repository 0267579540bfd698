using System.Collections.Concurrent;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Workflows.Tests.Runs.Rare;

/// <summary>A job that is led into a rare branch. What placer and worker do is set as it goes on, never by the clock, so that a slow machine leads it the same way.</summary>
internal sealed class Scene(JobWorld world, string name)
{
    /// <summary>Times so long that nothing is noticed by itself.</summary>
    private static readonly TimeProfile Long = JobScript.Times with { Receipt = TimeSpan.FromMinutes(2), HeartbeatTimeout = TimeSpan.FromMinutes(2) };

    private readonly Lock gate = new();
    private readonly Dictionary<int, PlaceAnswer> given = [];
    private readonly Queue<Func<PlaceAsk, PlaceAnswer>> next = new();
    private readonly List<PlaceAsk> asks = [];
    private readonly TaskCompletionSource sent = new();
    private readonly TaskCompletionSource ends = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<ErrorCode?>> held = new();
    private WorkflowHandle handle = null!;
    private Func<int, Task> control = _ => Task.CompletedTask;
    private int controls;

    /// <summary>What the placer answers where nothing else is told; by default that the registry does not answer.</summary>
    public Func<PlaceAsk, PlaceAnswer> Else { get; set; } = ask => new() { Kind = PlaceAnswerKind.Unavailable, Attempt = ask.Attempt, Why = "no connection" };

    /// <summary>What happens while the placer thinks.</summary>
    public Func<PlaceAsk, Task> Thinks { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the worker does; by default it starts nothing, for its lease is stale.</summary>
    public Func<RunContainerInput, Task<ContainerReport>> Run { get; set; } = _ => throw JobScript.Failure(ErrorCode.StaleLease);

    /// <summary>The pool's times.</summary>
    public TimeProfile Times { get; set; } = Long;

    /// <summary>An answer about an attempt; about the one asked for where none is named.</summary>
    public Func<PlaceAsk, PlaceAnswer> Answer(PlaceAnswerKind kind, int? attempt = null) => ask =>
        JobScript.Offer(ask, attempt: attempt) with { Kind = kind, Profile = Times, Why = kind is PlaceAnswerKind.Offered or PlaceAnswerKind.Held ? null : $"told: {kind}" };

    public Func<PlaceAsk, PlaceAnswer> Offered(int? attempt = null) => Answer(PlaceAnswerKind.Offered, attempt);

    public Func<PlaceAsk, PlaceAnswer> Expired(int? attempt = null) => ask => Answer(PlaceAnswerKind.Ended, attempt)(ask) with { Expired = true };

    public Func<PlaceAsk, PlaceAnswer> Returned(int? attempt = null) => Answer(PlaceAnswerKind.Ended, attempt);

    /// <summary>What a registry says of an attempt that it has offered, and of one that it has not.</summary>
    public PlaceAnswer ExpiredOrOffered(PlaceAsk ask) => given.Values.Any(answer => answer.Kind == PlaceAnswerKind.Offered && answer.Attempt == ask.Attempt) ? Expired()(ask) : Offered()(ask);

    public Func<PlaceAsk, PlaceAnswer> EndedWithFailure(int? attempt = null) => ask => Answer(PlaceAnswerKind.Ended, attempt)(ask) with
    {
        Failure = new() { Code = ErrorCode.ImageNotFound, Phase = ErrorCatalogue.Of(ErrorCode.ImageNotFound).Phase, Message = "there is no such image" },
    };

    public Func<PlaceAsk, PlaceAnswer> EndedWithReport(int attempt) => ask => Answer(PlaceAnswerKind.Ended, attempt)(ask) with
    {
        Outcome = new() { Attempt = attempt, Lease = new($"{ask.Job}-{attempt}"), End = ContainerEnd.Exited, Outcome = new() { Code = 0 } },
    };

    public Func<PlaceAsk, PlaceAnswer> Refused(int? attempt = null) => ask => Answer(PlaceAnswerKind.Refused, attempt)(ask) with { Error = ErrorCode.NotAdmitted };

    /// <summary>Tells the placer its next answers.</summary>
    public void Tell(params Func<PlaceAsk, PlaceAnswer>[] answers)
    {
        lock (gate)
        {
            foreach (var answer in answers) next.Enqueue(answer);
        }
    }

    /// <summary>Tells the placer its next answers, and nudges the job to ask for each of them at once.</summary>
    public void TellAtOnce(params Func<PlaceAsk, PlaceAnswer>[] answers)
    {
        Tell(answers);
        Thinks = ask =>
        {
            lock (gate)
            {
                if (ask.Ask == 1 || next.Count <= 1) return Task.CompletedTask;
            }

            return NudgeAsync();
        };
    }

    public async Task StartAsync(string spec = """{"process":["x"]}""", TimeSpan? taskTimeout = null, string queue = JobNames.TaskQueue)
    {
        world.Script(name, new() { Place = Place, Thinks = ask => Thinks(ask), Run = RunAsync, ControlTakes = ControlAsync });
        using var json = System.Text.Json.JsonDocument.Parse(spec);
        handle = await world.Client.StartWorkflowAsync(JobNames.Workflow, [json.RootElement.Clone()], new(name, queue) { TaskTimeout = taskTimeout });
    }

    /// <summary>Lets the worker run until it is told to end.</summary>
    /// <param name="end">How it ends; by default its lease is stale.</param>
    public void RunUntilTold(Func<RunContainerInput, ContainerReport>? end = null) => Run = async input =>
    {
        await ends.Task;
        return end is null ? throw JobScript.Failure(ErrorCode.StaleLease) : end(input);
    };

    public void EndRun() => ends.TrySetResult();

    /// <summary>Lets each control wait until it is let go.</summary>
    public void HoldControls() => control = HeldAsync;

    /// <summary>Lets a control go.</summary>
    /// <param name="which">Which, from 1 in order of arrival.</param>
    /// <param name="refusal">The code of its failure; null where it is carried out.</param>
    public void LetGo(int which, ErrorCode? refusal = null) => Held(which).SetResult(refusal);

    /// <summary>Waits until the placer was asked so; what it answers is known to the job before anything that comes after.</summary>
    public Task AskedAsync(Func<PlaceAsk, bool> which) => JobWorld.UntilAsync(
        () =>
        {
            lock (gate) return Task.FromResult(asks.Any(which));
        },
        $"{name} asked");

    /// <summary>Waits until the worker has the job.</summary>
    public Task SentAsync() => sent.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Waits until the worker was told so many things.</summary>
    public Task ControlledAsync(int count) => JobWorld.UntilAsync(() => Task.FromResult(Volatile.Read(ref controls) >= count), $"the worker of {name} was told {count}");

    /// <summary>Waits until the total time-out has passed: its timer is the first that a job starts.</summary>
    public Task TotalPassedAsync() => FiredAsync(timers => timers.FirstOrDefault());

    /// <summary>Waits until the queue time-out has passed: where there is no total time-out, its timer is the first that a job starts.</summary>
    public Task QueuePassedAsync() => TotalPassedAsync();

    /// <summary>Waits until the message is due again.</summary>
    public Task ResendDueAsync() => FiredAsync(timers => timers.FirstOrDefault(timer => timer.TimerStartedEventAttributes.StartToFireTimeout.ToTimeSpan() == Times.Receipt));

    /// <summary>Waits until a task was begun that brings the cancel.</summary>
    public Task CancelHeardAsync() => HeardAsync(events => events.FirstOrDefault(recorded => recorded.EventType == EventType.WorkflowExecutionCancelRequested));

    /// <summary>Waits until a task was begun that brings the end of the first <c>RunContainer</c>.</summary>
    public Task RunEndHeardAsync() => HeardAsync(events =>
    {
        var run = events.First(recorded => recorded.ActivityTaskScheduledEventAttributes?.ActivityType.Name == JobNames.RunContainer).EventId;
        return events.FirstOrDefault(recorded =>
            recorded.ActivityTaskFailedEventAttributes?.ScheduledEventId == run || recorded.ActivityTaskCompletedEventAttributes?.ScheduledEventId == run);
    });

    public Task NudgeAsync() => handle.SignalAsync(JobNames.Nudge, []);

    public Task CancelAsync() => handle.CancelAsync();

    public Task<string> StopAsync(StopMode mode = StopMode.Graceful) => UpdateAsync(JobNames.Stop, new StopRequest { RequestedBy = "ann", Reason = "enough", Mode = mode });

    public Task<string> ExtendAsync() => UpdateAsync(JobNames.Extend, new ExtendRequest { RequestedBy = "ann", Reason = "slow", By = "5m" });

    public Task<string> SetPriorityAsync() => UpdateAsync(JobNames.SetPriority, new PriorityRequest { RequestedBy = "ann", Reason = "first", Priority = 70 });

    public Task<string> PauseAsync() => UpdateAsync(JobNames.Pause, new PauseRequest { RequestedBy = "ann", Reason = "later" });

    public Task<string> UnpauseAsync() => UpdateAsync(JobNames.Unpause, new PauseRequest { RequestedBy = "ann", Reason = "later" });

    /// <summary>The end; its history is kept where it went where it was led.</summary>
    public Task<JobRun> EndAsync(IReadOnlyCollection<string> takes) => world.EndAsync(handle, paths => takes.Except(paths).Any() ? null : name);

    /// <summary>Lets no control reach the worker.</summary>
    public void ReachNobody() => control = _ => throw Refusal(ErrorCode.WorkerUnreachable);

    private Task FiredAsync(Func<IEnumerable<HistoryEvent>, HistoryEvent?> which) => JobWorld.UntilAsync(
        async () =>
        {
            var events = (await handle.FetchHistoryAsync()).Events;
            var timer = which(events.Where(recorded => recorded.TimerStartedEventAttributes is not null));
            return events.Any(recorded => recorded.TimerFiredEventAttributes is { } fired && fired.StartedEventId == timer?.EventId);
        },
        $"the timer of {name} fired");

    private Task HeardAsync(Func<IReadOnlyCollection<HistoryEvent>, HistoryEvent?> of) => JobWorld.UntilAsync(
        async () =>
        {
            var events = (await handle.FetchHistoryAsync()).Events;
            return of(events) is { } heard && events.Any(recorded => recorded.EventType == EventType.WorkflowTaskStarted && recorded.EventId > heard.EventId);
        },
        $"{name} heard of it");

    /// <returns>What was answered: <c>applied</c>, <c>not applied</c>, the code of the refusal, or <c>ended</c>.</returns>
    private async Task<string> UpdateAsync(string update, object request)
    {
        try
        {
            return (await handle.ExecuteUpdateAsync<CommandResult>(update, [request])).Applied ? "applied" : "not applied";
        }
        catch (WorkflowUpdateFailedException refused) when (refused.InnerException is ApplicationFailureException { ErrorType: { } code })
        {
            return code;
        }
        catch (RpcException gone) when (gone.Code == RpcException.StatusCode.NotFound)
        {
            return "ended";
        }
    }

    private PlaceAnswer Place(PlaceAsk ask)
    {
        lock (gate)
        {
            asks.Add(ask);

            // A task that a busy machine repeats asks again: it is answered the same.
            if (!given.TryGetValue(ask.Ask, out var answer)) given.Add(ask.Ask, answer = next.TryDequeue(out var told) ? told(ask) : Else(ask));
            return answer;
        }
    }

    private static ApplicationFailureException Refusal(ErrorCode code) => new($"refused: {code}", errorType: code.ToString(), nonRetryable: true);

    private TaskCompletionSource<ErrorCode?> Held(int which) => held.GetOrAdd(which, _ => new());

    private async Task HeldAsync(int which)
    {
        if (await Held(which).Task is { } code) throw Refusal(code);
    }

    private Task ControlAsync(object what) => control(Interlocked.Increment(ref controls));

    private Task<ContainerReport> RunAsync(RunContainerInput input)
    {
        sent.TrySetResult();
        return Run(input);
    }
}
