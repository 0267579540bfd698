using Dispatch.Runtimes.Tests.Engines;
using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Podman;

[Collection(PodmanCollection.Name)]
public sealed class PodmanSuiteExitTests(PodmanEngine engine) : ExitSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Service, "none"));
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanSuiteLogTests(PodmanEngine engine) : LogSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Service, "none"));
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanSuiteStartTests(PodmanEngine engine) : StartSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Service, "none"));
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanSuiteStopTests(PodmanEngine engine) : StopSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Service, "none"));
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanSuiteAdoptTests(PodmanEngine engine) : AdoptSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Service, "none"));
}
