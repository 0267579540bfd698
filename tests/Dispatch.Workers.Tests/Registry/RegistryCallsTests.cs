using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Registry;
using Dispatch.Workers.Tests.Fakes;

namespace Dispatch.Workers.Tests.Registry;

public sealed class RegistryCallsTests : IDisposable
{
    private readonly FakeWorkerRegistry registry = new();
    private readonly RegistryCalls calls;
    private readonly TaskCompletionSource confirming = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim answer = new();

    public RegistryCallsTests()
    {
        calls = new(registry, new("w1"), TimeProvider.System);
        calls.Registered(new() { Incarnation = 1, Profile = TimeProfile.Fast with { Lease = TimeSpan.FromMinutes(4) }, Leases = [] });
        registry.Offered[new("l1")] = "{}";
        registry.Confirming = () =>
        {
            confirming.SetResult();
            answer.Wait();
        };
    }

    public void Dispose()
    {
        calls.Dispose();
        answer.Dispose();
    }

    [Fact]
    public async Task What_has_ended_is_given_back_without_a_number_while_a_confirm_waits_for_its_answer()
    {
        var confirm = Task.Run(() => calls.ConfirmAsync(new("l1"), default));
        await confirming.Task;

        await calls.ReturnAsync(new("l2"), Ended("l2"), default);
        await calls.ReturnAsync(new("l3"), Failed(nothingStarted: false), default);

        Assert.False(confirm.IsCompleted);
        Assert.Equal([("l2", LeaseReturn.Unnumbered), ("l3", LeaseReturn.Unnumbered)], registry.Returns.Select(one => (one.Lease.Value, one.Call)));
        answer.Set();
        Assert.True((await confirm).Answer.Accepted);
    }

    [Fact]
    public async Task That_nothing_was_started_is_said_in_its_turn()
    {
        var confirm = Task.Run(() => calls.ConfirmAsync(new("l1"), default));
        await confirming.Task;

        Task[] returns = [calls.ReturnAsync(new("l2"), Failed(nothingStarted: true), default), calls.ReturnAsync(new("l3"), report: null, default)];

        Assert.Empty(registry.Returns);
        answer.Set();
        await confirm;
        await Task.WhenAll(returns);
        Assert.Equal([2L, 3L], registry.Returns.Select(one => one.Call).Order());
        Assert.Equal(0, registry.Overtaken);
    }

    private static AttemptReport Ended(string lease) => new() { Result = new() { Attempt = 1, Lease = new(lease), End = ContainerEnd.Exited, Outcome = new() { Code = 0 } } };

    private static AttemptReport Failed(bool nothingStarted) =>
        new() { Failure = new() { Code = ErrorCode.WorkerLost, Phase = ErrorPhase.Run, Message = "it was lost", NothingStarted = nothingStarted } };
}
