namespace Dispatch.Integration.Tests.Stack;

/// <summary>One stack with one worker that runs plain processes, for the tests of what a user sees.</summary>
[CollectionDefinition(Name)]
public sealed class DevCollection : ICollectionFixture<DevFixture>
{
    public const string Name = "dev";
}

/// <summary>The same again, for the cases: both collections run side by side.</summary>
[CollectionDefinition(Name)]
public sealed class CaseCollection : ICollectionFixture<DevFixture>
{
    public const string Name = "cases";
}

/// <summary>Starts and ends the stack of a collection.</summary>
public sealed class DevFixture : IAsyncLifetime
{
    /// <summary>Cores and memory are counted, not used up: plain processes wait for each other on the machine's real ones.</summary>
    private static readonly string[] Room = ["--runtimes", "process", "--slots", "64", "--cpu", "64", "--memory", "64Gi"];

    public DevStack Stack { get; private set; } = null!;

    public async Task InitializeAsync() => Stack = await DevStack.StartAsync(Room);

    public async Task DisposeAsync()
    {
        if (Stack is not null)
            await Stack.DisposeAsync();
    }
}
