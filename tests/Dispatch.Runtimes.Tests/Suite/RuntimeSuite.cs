namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>What the suite's parts share: a runtime for each test, running a plan to its end, and that nothing is left.</summary>
public abstract class RuntimeSuite : IAsyncLifetime
{
    private IRuntimeHarness? _harness;

    protected IRuntimeHarness Harness => _harness ?? throw new InvalidOperationException("The test has not been set up.");

    protected IContainerRuntime Runtime => Harness.Runtime;

    protected CancellationTokenSource Deadline { get; } = new(TimeSpan.FromMinutes(4));

    protected CancellationToken Cancel => Deadline.Token;

    protected abstract Task<IRuntimeHarness> OpenAsync();

    public async Task InitializeAsync() => _harness = await OpenAsync();

    public async Task DisposeAsync()
    {
        if (_harness is not null)
            await _harness.DisposeAsync();
        Deadline.Dispose();
    }

    protected ContainerPlan Shell(string script) => Harness.Plan("sh", "-c", script);

    protected async Task<string> StartAsync(ContainerPlan plan, RecordingSink sink)
    {
        var id = await Runtime.CreateAsync(plan, Cancel);
        await Runtime.StartAsync(id, sink, Cancel);
        return id;
    }

    protected Task<(ContainerExit Exit, RecordingSink Output)> RunAsync(params string[] command) => RunAsync(Harness.Plan(command));

    /// <summary>Runs to the end and removes.</summary>
    protected async Task<(ContainerExit Exit, RecordingSink Output)> RunAsync(ContainerPlan plan)
    {
        var sink = new RecordingSink();
        var id = await StartAsync(plan, sink);
        var exit = await Runtime.WaitAsync(id, Cancel);
        await Runtime.RemoveAsync(id, Cancel);
        return (exit, sink);
    }

    /// <summary>The error of a plan that cannot be started; whatever was made of it is removed.</summary>
    protected async Task<RuntimeException> RefusedAsync(ContainerPlan plan)
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(async () =>
        {
            var id = await Runtime.CreateAsync(plan, Cancel);
            await Runtime.StartAsync(id, new RecordingSink(), Cancel);
            await Runtime.WaitAsync(id, Cancel);
        });
        await Runtime.RemoveAsync(plan.Name, Cancel);
        await Harness.AssertNothingLeftAsync();
        return error;
    }

    protected async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Cancel);
    }

    /// <summary>Waits until a process on this machine has, or no longer has, this text as one of its arguments.</summary>
    protected Task UntilRunsAsync(string argument, bool runs = true) => UntilAsync(() => HostProcesses.WithArgument(argument).Count > 0 == runs);
}
