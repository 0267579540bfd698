using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Process;

public sealed class ProcessStopTests : StopSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => ProcessHarness.OpenAsync();
}

/// <summary>The same on a host that gives no cgroups.</summary>
public sealed class ProcessStopWithoutCgroupsTests : StopSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => ProcessHarness.OpenAsync(useCgroups: false);
}
