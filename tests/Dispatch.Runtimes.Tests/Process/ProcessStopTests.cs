using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Process;

public sealed class ProcessStopTests : StopSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => ProcessHarness.OpenAsync();
}
