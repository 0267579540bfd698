using Dispatch.Contracts.Errors;
using Dispatch.Runtimes;
using Dispatch.Workers.Tests.Fakes;

namespace Dispatch.Workers.Tests.Keeper;

/// <summary>What the fuse is told of a runtime's starts.</summary>
public sealed class RuntimeFuseFedTests : IAsyncLifetime
{
    private WorkerBench bench = null!;

    public async Task InitializeAsync() => bench = await WorkerBench.StartAsync();

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Fact]
    public async Task A_start_that_is_carried_out_is_told()
    {
        var name = await bench.RunAsync();
        bench.Runtime.End(name, 1);
        await bench.ForgottenAsync();
        Assert.Equal((bench.Runtime.Name, (string?)null), Assert.Single(bench.Tried));
    }

    [Theory]
    [InlineData("create")]
    [InlineData("start")]
    public async Task What_is_not_the_jobs_fault_is_told_with_its_reason(string call)
    {
        await FailAsync(call, FakeRuntime.Away());
        await Until.True(() => !bench.Tried.IsEmpty, "it is told");
        Assert.Equal((bench.Runtime.Name, "The runtime does not answer."), bench.Tried.First());
    }

    [Fact]
    public async Task What_is_the_jobs_fault_is_not_told()
    {
        await FailAsync("start", new RuntimeException(ErrorCode.StartFailed, "There is no such command."));
        await Until.True(() => !bench.Reporter.Reports.IsEmpty, "the failure is reported");
        Assert.Empty(bench.Tried);
    }

    private async Task FailAsync(string call, RuntimeException refusal)
    {
        bench.Runtime.Refusal = called => called == call ? refusal : null;
        bench.Offer();
        await bench.TakeAsync();
    }
}
