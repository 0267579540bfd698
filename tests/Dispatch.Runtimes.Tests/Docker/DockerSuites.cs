using Dispatch.Runtimes.Tests.Engines;
using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Docker;

[Collection(DockerCollection.Name)]
public sealed class DockerSuiteExitTests(DockerEngine engine) : ExitSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Daemon));
}

[Collection(DockerCollection.Name)]
public sealed class DockerSuiteLogTests(DockerEngine engine) : LogSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Daemon));
}

[Collection(DockerCollection.Name)]
public sealed class DockerSuiteStartTests(DockerEngine engine) : StartSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Daemon));
}

[Collection(DockerCollection.Name)]
public sealed class DockerSuiteStopTests(DockerEngine engine) : StopSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Daemon));
}

[Collection(DockerCollection.Name)]
public sealed class DockerSuiteAdoptTests(DockerEngine engine) : AdoptSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => Task.FromResult<IRuntimeHarness>(new EngineHarness(engine.Daemon));
}
