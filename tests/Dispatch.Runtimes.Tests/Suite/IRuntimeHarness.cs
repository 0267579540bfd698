namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>One runtime on this machine, as the suite needs it. Each test gets its own.</summary>
public interface IRuntimeHarness : IAsyncDisposable
{
    /// <summary>The runtime under test.</summary>
    IContainerRuntime Runtime { get; }

    /// <summary>Whether the runtime sees every death by a signal; one that gets but a code from its engine knows only of signals that it, or the kernel for memory, sent.</summary>
    bool SeesEverySignal { get; }

    /// <summary>The signals that the engine's init process leaves blocked in what it starts, as the kernel shows them; nought where it leaves none.</summary>
    ulong BlockedByInit => 0;

    /// <summary>What a worker that was killed and restarted has: a new instance over the same state. The former one no longer captures.</summary>
    Task<IContainerRuntime> RestartAsync();

    /// <summary>A plan of a new name that runs this command, with the image where there are images.</summary>
    ContainerPlan Plan(params string[] command);

    /// <summary>Fails when the runtime still has anything of any container: processes, folders, cgroups, containers.</summary>
    Task AssertNothingLeftAsync();
}
