using Dispatch.Contracts.Errors;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Tests.Fakes;
using Temporalio.Exceptions;

namespace Dispatch.Workers.Tests.Keeper;

/// <summary>A worker says of an extension what is so: that it is in force, and on disk, or why not.</summary>
public sealed class ExtensionTests : IAsyncLifetime
{
    private WorkerBench bench = null!;

    public async Task InitializeAsync() => bench = await WorkerBench.StartAsync();

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Fact]
    public async Task An_extension_is_answered_once_it_is_in_force_and_a_worker_started_anew_knows_it()
    {
        await bench.RunAsync();
        await bench.Activities.ExtendAsync(new() { Lease = WorkerBench.Lease, RunSeconds = 7_200 });
        Assert.Equal(7_200, bench.Keeper.Find(WorkerBench.Lease)!.State.RunLimit.TotalSeconds);
        await bench.KillAsync();
        await bench.ResumeAsync();
        Assert.Equal(7_200, bench.Keeper.Find(WorkerBench.Lease)!.State.RunLimit.TotalSeconds);
    }

    [Fact]
    public async Task An_extension_of_an_attempt_that_is_ending_or_left_is_refused()
    {
        await bench.RunAsync();
        var attempt = bench.Keeper.Find(WorkerBench.Lease)!;
        bench.Activities.Stop(new() { Lease = WorkerBench.Lease, RequestedBy = "me", Reason = "test" });
        var ending = await Assert.ThrowsAsync<ApplicationFailureException>(() => bench.Activities.ExtendAsync(new() { Lease = WorkerBench.Lease, RunSeconds = 7_200 }));
        Assert.Equal(nameof(ErrorCode.AlreadyStopping), ending.ErrorType);

        await bench.KillAsync();
        var heard = await attempt.TellAsync(new AttemptInput.Extended(TimeSpan.FromHours(3)));
        Assert.Equal(attempt.State.Phase == AttemptPhase.Done ? ErrorCode.AlreadyStopping : ErrorCode.WorkerUnreachable, DeliveryRules.OfExtension(heard)!.Code);
        await bench.ResumeAsync();
    }

    [Fact]
    public async Task An_extension_that_the_disk_does_not_take_is_not_in_force()
    {
        await bench.RunAsync();
        var state = bench.Keeper.Find(WorkerBench.Lease)!.State;
        Assert.Null(DeliveryRules.OfExtension(new(state, Kept: true)));
        Assert.Equal(ErrorCode.RuntimeUnavailable, DeliveryRules.OfExtension(new(state, Kept: false))!.Code);
        Assert.Equal(ErrorCode.AlreadyStopping, DeliveryRules.OfExtension(new(state with { Phase = AttemptPhase.Closing }, Kept: true))!.Code);
    }
}
