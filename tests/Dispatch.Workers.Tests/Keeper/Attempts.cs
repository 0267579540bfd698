using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;
using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers.Tests.Keeper;

/// <summary>States, facts and inputs that tests begin with. Times of the profile <c>normal</c>.</summary>
internal static class Attempts
{
    internal static readonly LeaseId Lease = new("lease-1");

    internal static readonly WitnessTimes Times = new(Seconds(20), Seconds(20), Seconds(5), Seconds(3));

    internal static readonly AttemptFacts Facts = new()
    {
        Lease = Lease,
        Attempt = 1,
        HasImage = true,
        What = "bb:local",
        InitLimit = Seconds(300),
        StopGrace = Seconds(10),
        Times = Times,
    };

    internal static readonly DateTimeOffset Epoch = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    internal static AttemptState Fresh(TimeSpan? renewed = null) => new()
    {
        Facts = Facts,
        ReceivedAt = default,
        RunLimit = Seconds(1800),
        Witnesses = new() { RenewalSentAt = renewed ?? TimeSpan.Zero },
    };

    /// <summary>A state reached by inputs that all come at once.</summary>
    internal static AttemptState Reached(AttemptState state, TimeSpan now, params AttemptInput[] inputs) =>
        inputs.Aggregate(state, (at, input) => AttemptLife.Next(at, input, now).State);

    internal static AttemptState Running(TimeSpan? now = null) => Reached(
        Fresh(),
        now ?? TimeSpan.Zero,
        new AttemptInput.Tick(),
        new AttemptInput.Pulled("sha256:1"),
        new AttemptInput.Created("c1"),
        new AttemptInput.GuardAnswered(true),
        Started());

    internal static AttemptInput.Started Started() => new(Epoch, TimeSpan.Zero, 100);

    internal static ContainerExit Exit(int code, int? signal = null, double at = 1, bool outOfMemory = false) =>
        new(code, signal, outOfMemory, Epoch, Epoch + Seconds(at));

    internal static AttemptState Closing(AttemptState from, TimeSpan now, ContainerExit exit) => Reached(
        from, now, new AttemptInput.Ended(exit), new AttemptInput.Collected(null, new(1, 3, 0)), new AttemptInput.ReportStored(true));

    internal static ContainerState Container(ContainerPhase phase) => new("c1", "dispatch-j-1", phase, 100, new Dictionary<string, string>(), null);

    internal static AttemptInput.RuntimeFailed Refused(AttemptPhase at, ErrorCode code, bool gone = false) => new(at, code, "no", gone);

    internal static AttemptIntent Intent(TimeSpan permissionEnds) => new()
    {
        Input = new RunContainerInput
        {
            Job = new("j"),
            Conversation = new("run-1"),
            Attempt = 1,
            Delivery = 1,
            Lease = Lease,
            Fence = 1,
            MemoryBytes = 1 << 28,
            RunSeconds = 1800,
            Version = "0",
        },
        SpecJson = "{}",
        Runtime = "docker",
        ContainerName = "dispatch-j-1",
        MachineId = "m",
        BootId = "b",
        ReceivedAt = default,
        PermissionEnds = permissionEnds,
        Times = Times,
        Token = new() { Token = [1], Delivery = 1, WorkflowId = "j", RunId = "run-1" },
    };
}
