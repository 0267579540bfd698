using System.Text;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Workflows.Tests.Jobs;

/// <summary>Plays what happens to one job, and holds what must be so after every step.</summary>
internal sealed class JobDriver
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private int fences;

    public JobProgress Progress { get; private set; } = new()
    {
        Facts = new()
        {
            Job = new("job-1"),
            Conversation = new("conversation-1"),
            RunId = "run-1",
            TaskQueue = JobNames.TaskQueue,
            Trigger = "cli",
            StartedAt = Start,
        },
    };

    public DateTimeOffset Now { get; set; } = Start;

    /// <summary>Whether the run follows every revision; one that began long ago follows none.</summary>
    public bool Revised { get; set; } = true;

    /// <summary>Whether a reset began the run: its row may know attempts that it does not.</summary>
    public bool Reset { get; init; }

    /// <summary>What the last step wants.</summary>
    public IReadOnlyList<JobAction> Actions { get; private set; } = [];

    public Dictionary<JobTimer, (int Id, DateTimeOffset Due)> Timers { get; } = [];

    public PlaceAsk? OpenAsk { get; private set; }

    public List<PlaceAsk> Asks { get; } = [];

    /// <summary>The branches of the machine it went through.</summary>
    public HashSet<string> Paths { get; } = [];

    public JobAction.Send? OpenRun { get; private set; }

    public List<JobAction.Send> Sends { get; } = [];

    public bool RunCancelled { get; private set; }

    public List<JobAction.Control> OpenControls { get; } = [];

    public Dictionary<string, CommandAnswer> Answers { get; } = [];

    public HashSet<string> CommandsSent { get; } = [];

    public Settlement? Settling { get; private set; }

    public List<Settlement> Settlements { get; } = [];

    public List<Operation> Memo { get; } = [];

    public List<JobState> Indexed { get; } = [];

    public JobAction.Close? Closed { get; private set; }

    public JobReport Report => Closed!.Report;

    /// <summary>The operations in short: <c>Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)</c>.</summary>
    public string Operations => string.Join(' ', Memo.Select(Short));

    public static JobDriver Started(string spec = """{"process":["true"]}""")
    {
        var driver = new JobDriver();
        driver.Begin(spec);
        return driver;
    }

    public void Begin(string spec)
    {
        var reading = JobSpecReader.Read(Encoding.UTF8.GetBytes(spec));
        if (reading.Spec is null)
        {
            Happen(new JobInput.Started(reading, "", SpecDigest.Of(Encoding.UTF8.GetBytes(spec))));
            return;
        }

        var canonical = JobSpecWriter.Write(reading.Spec);
        Happen(new JobInput.Started(reading, Encoding.UTF8.GetString(canonical), SpecDigest.Of(canonical)));
    }

    public JobDriver Happen(params JobInput[] inputs)
    {
        foreach (var input in inputs) Note(input);
        var step = JobMachine.Step(Progress, inputs, Now, () => 0.5, revision => Revised && (revision != JobRevisions.Third || Reset));
        foreach (var (at, input) in step.Taken) Paths.Add(JobPath.Of(at, input));
        OperationGuard.Hold(Progress, step.Progress);
        Progress = step.Progress;
        Actions = step.Actions;
        foreach (var action in step.Actions) Apply(action);
        return this;
    }

    public JobDriver Answer(PlaceAnswer answer) => Happen(new JobInput.Placed(answer));

    public JobDriver Offer(string worker = "w1", long incarnation = 1, int? attempt = null) => Answer(Offered(worker, incarnation, attempt));

    public PlaceAnswer Offered(string worker = "w1", long incarnation = 1, int? attempt = null) => new()
    {
        Kind = PlaceAnswerKind.Offered,
        Attempt = attempt ?? OpenAsk!.Attempt,
        Worker = new(worker),
        Incarnation = incarnation,
        Lease = new($"lease-{attempt ?? OpenAsk!.Attempt}"),
        Fence = ++fences,
        Router = "least-loaded@1",
        Profile = TimeProfile.Normal,
        HostVersion = "0.1.0",
    };

    public JobDriver Wait(int? attempt = null) =>
        Answer(new() { Kind = PlaceAnswerKind.Waiting, Attempt = attempt ?? OpenAsk!.Attempt, Why = "no room" });

    public JobDriver Unavailable() => Answer(new() { Kind = PlaceAnswerKind.Unavailable, Attempt = OpenAsk!.Attempt, Why = "no connection" });

    public JobDriver Held() => Answer(Of(PlaceAnswerKind.Held));

    public JobDriver Expired() => Answer(Of(PlaceAnswerKind.Ended) with { Expired = true });

    public JobDriver Returned(ContainerReport? outcome = null, ContainerFailure? failure = null) =>
        Answer(Of(PlaceAnswerKind.Ended) with { Outcome = outcome, Failure = failure });

    public JobDriver Exit(int code = 0) => End(new RunEnd.Reported(ReportOf(code)));

    public JobDriver End(RunEnd end) => Happen(new JobInput.RunClosed(end));

    public JobDriver Fail(ErrorCode code, bool poison = false) => End(new RunEnd.Failed(Failure(code, poison)));

    public static ContainerFailure Failure(ErrorCode code, bool poison = false) =>
        new() { Code = code, Phase = ErrorCatalogue.Of(code).Phase, Message = $"text of {code}", Poison = poison };

    public ContainerReport ReportOf(int code = 0, ContainerEnd end = ContainerEnd.Exited, int? signal = null, bool outOfMemory = false) => new()
    {
        Attempt = Progress.Current!.Number,
        Lease = Progress.Current.Lease,
        End = end,
        Outcome = new() { Code = code, Signal = signal, OutOfMemory = outOfMemory },
        StartedAt = Now,
        EndedAt = Now,
        RunSeconds = 1,
    };

    public JobDriver Fire(JobTimer timer)
    {
        var (id, due) = Timers[timer];
        if (due > Now) Now = due;
        return Happen(new JobInput.TimerFired(timer, id));
    }

    public JobDriver Cancel() => Happen(new JobInput.CancelRequested());

    public JobDriver Stop(string id = "stop-1", StopMode mode = StopMode.Graceful) => Command(id, new JobCommand.Stop(mode) { RequestedBy = "ann", Reason = "enough" });

    public JobDriver Command(string id, JobCommand command) => Happen(new JobInput.CommandReceived(id, command));

    public JobDriver Settled() => Happen(new JobInput.Settled());

    public JobDriver ControlDone(ErrorCode? code = null)
    {
        var control = OpenControls[0];
        OpenControls.RemoveAt(0);
        return Happen(new JobInput.ControlClosed(control.CommandId, code, code?.ToString()));
    }

    private PlaceAnswer Of(PlaceAnswerKind kind) => new()
    {
        Kind = kind,
        Attempt = Progress.Current!.Number,
        Worker = Progress.Current.Worker,
        Incarnation = Progress.Current.Incarnation,
        Lease = Progress.Current.Lease,
        Fence = Progress.Current.Fence,
    };

    private void Note(JobInput input)
    {
        switch (input)
        {
            case JobInput.Placed: OpenAsk = null; break;
            case JobInput.RunClosed: (OpenRun, RunCancelled) = (null, false); break;
            case JobInput.TimerFired fired when Timers.TryGetValue(fired.Timer, out var running) && running.Id == fired.Id: Timers.Remove(fired.Timer); break;
            case JobInput.CommandReceived received: CommandsSent.Add(received.Id); break;
            case JobInput.Settled: Settling = null; break;
            default: break;
        }
    }

    private void Apply(JobAction action)
    {
        Assert.Null(Closed);
        switch (action)
        {
            case JobAction.Record record:
                Assert.Equal(Memo.Count + 1, record.Operations[0].Sequence);
                Memo.AddRange(record.Operations);
                break;
            case JobAction.Ask ask:
                Assert.Null(OpenAsk);
                Assert.Equal(Asks.Count + 1, ask.Question.Ask);
                OpenAsk = ask.Question;
                Asks.Add(ask.Question);
                break;
            case JobAction.Send send:
                Assert.Null(OpenRun);
                Assert.Contains(Memo, op => op.Kind == OperationKind.MessageSent && op.Attempt == send.Input.Attempt && op.Delivery == send.Input.Delivery);
                OpenRun = send;
                Sends.Add(send);
                break;
            case JobAction.CancelRun:
                Assert.NotNull(OpenRun);
                RunCancelled = true;
                break;
            case JobAction.Control control:
                OpenControls.Add(control);
                break;
            case JobAction.StartTimer start:
                Assert.True(start.After > TimeSpan.Zero);
                Assert.True(Timers.TryAdd(start.Timer, (start.Id, Now + start.After)), $"{start.Timer} runs already");
                break;
            case JobAction.CancelTimer cancel:
                Assert.True(Timers.Remove(cancel.Timer), $"{cancel.Timer} does not run");
                break;
            case JobAction.Answer answer:
                Assert.Contains(answer.CommandId, CommandsSent);
                Assert.True(Answers.TryAdd(answer.CommandId, answer.Reply), $"{answer.CommandId} is answered twice");
                break;
            case JobAction.Index index:
                if (Indexed.Count > 0) Assert.True(Level(index.State) >= Level(Indexed[^1]) || IsOver(Memo[^1]), $"{index.State} after {Indexed[^1]}");
                Indexed.Add(index.State);
                break;
            case JobAction.Settle settle:
                Settling = settle.Settlement;
                Settlements.Add(settle.Settlement);
                break;
            case JobAction.Close close:
                Closed = close;
                Assert.Empty(CommandsSent.Except(Answers.Keys));
                Assert.Equal(Progress.Operations, Memo);
                Assert.Empty(OperationLaws.Check(Memo, closed: true));
                break;
            default:
                throw new InvalidOperationException($"No action {action}.");
        }
    }

    private static int Level(JobState state) => state switch { JobState.Sent => 1, JobState.Closed => 2, _ => 0 };

    private static bool IsOver(Operation last) => last.Kind is OperationKind.MessageReceived or OperationKind.WorkerExited;

    private static string Short(Operation op) => op.Kind switch
    {
        OperationKind.ConversationOpened => "Opened",
        OperationKind.WorkerSelected => $"Selected({op.Attempt},{op.Worker})",
        OperationKind.MessageSent => $"Sent({op.Attempt}.{op.Delivery})",
        OperationKind.MessageReceived => $"Received({op.Attempt}{(op.Error is null ? "" : $",{op.Error},{(op.RetryEligible == true ? "again" : "last")}")})",
        OperationKind.WorkerExited => $"Exited({op.Attempt},{op.Cause},{(op.RetryEligible == true ? "again" : "last")})",
        _ => $"Closed({op.Reason})",
    };
}
