using CsCheck;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Workflows.Tests.Jobs;

/// <summary>Whatever happens, in whatever order: the laws of operations hold, budgets are respected, and every job ends.</summary>
public sealed class JobPropertyTests
{
    private static readonly string[] Specs =
    [
        """{"process":["true"]}""",
        """{"process":["true"],"timeouts":{"total":"2h","queue":"10m"}}""",
        """{"process":["true"],"retry":{"nonZero":{"max":2},"outOfMemory":{"max":2,"memoryFactor":2},"timedOut":{"max":1},"workerLost":{"max":1}}}""",
        """{"process":["true"],"exit":{"nonZero":"data"},"retry":{"workerUnreachable":{"max":49},"registryUnavailable":{"max":49},"workerLost":{"max":49}}}""",
        """{"process":["true"],"unknown":1}""",
    ];

    /// <summary>How many different moves there are: enough for each answer of the placer about each attempt.</summary>
    private const int Moves = 6 * 42 * 12;

    private static readonly ErrorCode[] Codes = Enum.GetValues<ErrorCode>();

    [Fact]
    public void Random_events_keep_every_law_and_every_job_ends_when_it_is_cancelled() =>
        Gen.Select(Gen.Int[0, Specs.Length - 1], Gen.Int[0, Moves - 1].Array[0, 100]).Sample(
            (spec, moves) =>
            {
                var driver = new JobDriver { Reset = moves.Length % 2 == 0 };
                driver.Begin(Specs[spec]);
                foreach (var move in moves)
                {
                    if (driver.Closed is not null) break;
                    Move(driver, move);
                }

                if (driver.Closed is null && driver.Progress.Ending is null) driver.Cancel();
                for (var steps = 0; driver.Closed is null; steps++)
                {
                    Assert.True(steps < 200, $"It does not end: {driver.Operations} in {driver.Progress.Phase}");
                    Drain(driver, PlaceAnswerKind.Unavailable);
                }

                Check(driver);
            },
            iter: 20_000);

    [Theory]
    [InlineData(PlaceAnswerKind.Unavailable)]
    [InlineData(PlaceAnswerKind.Waiting)]
    [InlineData(PlaceAnswerKind.Held)]
    [InlineData(PlaceAnswerKind.Ended)]
    [InlineData(PlaceAnswerKind.Offered)]
    public void Every_job_ends_by_itself_when_the_placer_always_gives_one_answer(PlaceAnswerKind always)
    {
        foreach (var sent in new[] { false, true })
        {
            var driver = JobDriver.Started("""{"process":["true"],"timeouts":{"queue":"8760h"}}""");
            if (sent) driver.Offer().End(new RunEnd.Silent());
            for (var steps = 0; driver.Closed is null; steps++)
            {
                Assert.True(steps < 20_000, $"It does not end: {driver.Progress.Phase}");
                Drain(driver, always);
            }

            Check(driver);
            Assert.True(driver.Asks.Count <= JobLimits.AsksMax);
        }
    }

    [Fact]
    public void A_step_is_a_function_of_what_it_is_given()
    {
        var first = Play();
        var second = Play();
        Assert.Equal(first.Memo, second.Memo);

        static JobDriver Play()
        {
            var driver = JobDriver.Started(Specs[2]);
            for (var move = 0; move < 60 && driver.Closed is null; move++) Move(driver, move * 7);
            return driver;
        }
    }

    /// <summary>Random jobs, each of which goes on from somewhere in one that came to a new branch: so they reach what plain chance seldom does. The same for the same number.</summary>
    /// <param name="jobs">How many.</param>
    /// <returns>The branches of the machine that they went through.</returns>
    internal static IReadOnlySet<string> Explore(int jobs)
    {
        const int MovesMax = 40;
        var random = new Random(1);
        var found = new HashSet<string>();
        var leads = new List<(int Spec, bool Reset, int[] Moves)>();
        for (var job = 0; job < jobs; job++)
        {
            var (spec, reset, lead) = leads.Count == 0 || random.Next(8) == 0 ? (random.Next(Specs.Length), random.Next(2) == 0, []) : leads[random.Next(leads.Count)];
            int[] moves = [.. lead.Take(random.Next(lead.Length + 1)), .. Enumerable.Range(0, random.Next(MovesMax)).Select(_ => random.Next(Moves))];
            var driver = new JobDriver { Reset = reset };
            driver.Begin(Specs[spec]);
            for (var move = 0; move < moves.Length && driver.Closed is null; move++)
            {
                Move(driver, moves[move]);
                if (driver.Paths.IsSubsetOf(found)) continue;
                found.UnionWith(driver.Paths);
                leads.Add((spec, reset, moves[..(move + 1)]));
            }
        }

        return found;
    }

    private static void Check(JobDriver driver)
    {
        var operations = driver.Memo;
        Assert.Empty(OperationLaws.Check(operations, closed: true));
        Assert.True(operations.Count(op => op.Kind == OperationKind.WorkerSelected) <= JobLimits.AttemptsMax);
        Assert.True(driver.Progress.Commands <= JobLimits.CommandsMax);
        foreach (var (cause, used) in driver.Progress.RetriesUsed)
        {
            var budget = driver.Progress.Spec!.Retry.TryGetValue(cause, out var named) ? named : RetryBudget.DefaultOf(cause);
            Assert.InRange(used, 0, budget.Max);
        }

        Assert.Equal(driver.Closed!.How == CloseKind.Completed, driver.Report.Error is null);
    }

    /// <summary>Lets whatever is open come to its end: the ask, the controls, the run, else the next timer.</summary>
    private static void Drain(JobDriver driver, PlaceAnswerKind answer)
    {
        if (driver.OpenAsk is { } ask) driver.Answer(Plausible(driver, answer, ask.Attempt));
        else if (driver.Settling is not null) driver.Settled();
        else if (driver.OpenControls.Count > 0) driver.ControlDone(ErrorCode.WorkerUnreachable);
        else if (driver.OpenRun is not null && !driver.Timers.ContainsKey(JobTimer.StopWait)) driver.End(new RunEnd.Silent());
        else if (driver.Timers.Count > 0) driver.Fire(driver.Timers.MinBy(timer => timer.Value.Due).Key);
        else if (driver.OpenRun is not null) driver.End(new RunEnd.Silent());
        else Assert.Fail($"Nothing is open and the job has not ended: {driver.Progress.Phase}");
    }

    private static PlaceAnswer Plausible(JobDriver driver, PlaceAnswerKind kind, int attempt) =>
        driver.Offered($"w{attempt % 5}", attempt) with { Kind = kind, Attempt = attempt, Expired = true, Why = "always" };

    private static void Move(JobDriver driver, int move)
    {
        driver.Now += TimeSpan.FromSeconds(move % 13);
        var pick = move / 6;
        switch (move % 6)
        {
            case 0 or 1 when driver.OpenAsk is { } ask:
                driver.Answer(AnyAnswer(driver, ask, pick));
                break;
            case 0 or 1 or 2 when driver.OpenRun is not null && pick % 5 == 4:
                driver.Happen(
                    new JobInput.CommandReceived($"c{driver.CommandsSent.Count}", AnyCommand(pick * 7)), new JobInput.Nudged(), new JobInput.RunClosed(AnyEnd(driver, pick / 5)));
                break;
            case 0 or 1 or 2 when driver.OpenRun is not null:
                driver.End(AnyEnd(driver, pick));
                break;
            case 2 or 3 when driver.Timers.Count > 0:
                driver.Fire(driver.Timers.OrderBy(timer => timer.Key).ElementAt(pick % driver.Timers.Count).Key);
                break;
            case 3 when driver.Settling is not null:
                driver.Settled();
                break;
            case 4 when driver.OpenControls.Count > 0:
                driver.ControlDone((pick % 4) switch { 0 => ErrorCode.AlreadyStopping, 1 or 3 => ErrorCode.WorkerUnreachable, _ => null });
                break;
            case 4 when pick % 20 == 0:
                driver.Cancel();
                break;
            case 5:
                driver.Command($"c{driver.CommandsSent.Count}", AnyCommand(pick));
                break;
            default:
                driver.Happen(new JobInput.Nudged());
                break;
        }
    }

    private static PlaceAnswer AnyAnswer(JobDriver driver, PlaceAsk ask, int pick)
    {
        var kind = (PlaceAnswerKind)(pick % 6);
        var attempt = Math.Max(1, ask.Attempt + ((pick / 6 % 5) switch { 0 => -1, 1 => 1, _ => 0 }));
        var answer = driver.Offered($"w{pick % 4}", 1 + (pick % 2), attempt) with { Kind = kind };
        if (kind == PlaceAnswerKind.Refused && pick % 42 > 10) return answer with { Kind = PlaceAnswerKind.Waiting };
        if (kind == PlaceAnswerKind.Refused) return answer with { Error = Codes[pick % Codes.Length] };
        if (kind != PlaceAnswerKind.Ended) return answer;
        return (pick / 30 % 4) switch
        {
            0 => answer with { Expired = true },
            1 => answer,
            2 => answer with { Outcome = AnyReport(attempt, pick) },
            _ => answer with { Failure = JobDriver.Failure(Codes[pick % Codes.Length]) },
        };
    }

    private static RunEnd AnyEnd(JobDriver driver, int pick) => (pick % 5) switch
    {
        0 => new RunEnd.Silent(),
        1 => new RunEnd.NotTaken(),
        2 => new RunEnd.Reported(AnyReport(driver.Progress.Current!.Number, pick)),
        3 when driver.RunCancelled => new RunEnd.Canceled(),
        _ => new RunEnd.Failed(JobDriver.Failure(Codes[pick % Codes.Length], poison: pick % 42 == 40)),
    };

    private static ContainerReport AnyReport(int attempt, int pick) => new()
    {
        Attempt = attempt,
        Lease = new($"lease-{attempt}"),
        End = (ContainerEnd)(pick % 4),
        Outcome = new() { Code = pick % 3, OutOfMemory = pick % 7 == 0 },
    };

    private static JobCommand AnyCommand(int pick) => (pick % 9) switch
    {
        0 => new JobCommand.Pause { RequestedBy = "ann", Reason = "r" },
        1 => new JobCommand.Unpause { RequestedBy = "ann", Reason = "r" },
        2 or 3 => new JobCommand.SetPriority(pick % 101) { RequestedBy = "ann", Reason = "r" },
        4 or 5 => new JobCommand.Extend(TimeSpan.FromMinutes((pick % 42) + 1)) { RequestedBy = "ann", Reason = "r" },
        6 when pick % 42 > 30 => new JobCommand.Stop(StopMode.Graceful) { RequestedBy = "ann", Reason = "r" },
        7 when pick % 42 > 30 => new JobCommand.Stop(StopMode.Now) { RequestedBy = "ann", Reason = "r" },
        _ => new JobCommand.Unpause { RequestedBy = "ann", Reason = "r" },
    };
}
