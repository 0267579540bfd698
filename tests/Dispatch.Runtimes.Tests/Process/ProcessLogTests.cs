using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Process;

public sealed class ProcessLogTests : LogSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => ProcessHarness.OpenAsync();
}
