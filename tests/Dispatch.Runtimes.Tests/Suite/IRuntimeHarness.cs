namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>One runtime on this machine, as the suite needs it. Each test gets its own.</summary>
public interface IRuntimeHarness : IAsyncDisposable
{
    /// <summary>The runtime under test.</summary>
    IContainerRuntime Runtime { get; }

    /// <summary>What a worker that was killed and restarted has: a new instance over the same state. The former one no longer captures.</summary>
    Task<IContainerRuntime> RestartAsync();

    /// <summary>A plan of a new name that runs this command, with the image where there are images.</summary>
    ContainerPlan Plan(params string[] command);

    /// <summary>Fails when the runtime still has anything of any container: processes, folders, cgroups, containers.</summary>
    Task AssertNothingLeftAsync();
}
