using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Workers;

/// <summary>One stack without a worker: each test starts its own, as processes.</summary>
[CollectionDefinition(Name)]
public sealed class WorkersCollection : ICollectionFixture<WorkersFixture>
{
    public const string Name = "workers";
}

/// <summary>Starts and ends the stack. Its times are the normal ones: a killed worker must be back before its leases run out, also on a loaded machine.</summary>
public sealed class WorkersFixture : IAsyncLifetime
{
    public DevStack Stack { get; private set; } = null!;

    public async Task InitializeAsync() => Stack = await DevStack.StartAsync(["--no-worker"], "normal");

    public async Task DisposeAsync()
    {
        if (Stack is not null)
            await Stack.DisposeAsync();
    }
}
