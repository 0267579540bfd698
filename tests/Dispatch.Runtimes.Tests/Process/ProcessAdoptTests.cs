using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Process;

public sealed class ProcessAdoptTests : AdoptSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => ProcessHarness.OpenAsync();
}
