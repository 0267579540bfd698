namespace Dispatch.Integration.Tests.Stack;

/// <summary>Tests over a stack that they share; each leaves nothing behind.</summary>
public abstract class StackTests(DevStack stack) : IAsyncLifetime
{
    protected DevStack Stack { get; } = stack;

    protected JobClient Jobs => Stack.Jobs;

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual Task DisposeAsync() => Stack.NothingLeftAsync();
}
