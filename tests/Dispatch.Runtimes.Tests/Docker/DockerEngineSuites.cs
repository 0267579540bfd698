using Dispatch.Runtimes.Tests.Engines;

namespace Dispatch.Runtimes.Tests.Docker;

[Collection(DockerCollection.Name)]
public sealed class DockerDescriptionTests(DockerEngine engine) : EngineDescriptionTests(engine.Daemon)
{
    private protected override string Name => "docker";

    private protected override IEnumerable<string> Lacks => ["The engine has no bridge network: containers have no network unless they ask for the host's."];
}

[Collection(DockerCollection.Name)]
public sealed class DockerExitTests(DockerEngine engine) : EngineExitTests(engine.Daemon);

[Collection(DockerCollection.Name)]
public sealed class DockerImageTests(DockerEngine engine) : EngineImageTests(engine.Daemon);

[Collection(DockerCollection.Name)]
public sealed class DockerLimitTests(DockerEngine engine) : EngineLimitTests(engine.Daemon);

[Collection(DockerCollection.Name)]
public sealed class DockerCostTests(DockerEngine engine) : EngineCostTests(engine.Daemon)
{
    private protected override IEnumerable<string> Requests =>
    [
        "GET /images/…/json", "POST /containers/create", "POST /containers/…/attach", "POST /containers/…/start",
    ];
}

[Collection(DockerCollection.Name)]
public sealed class DockerLogTests(DockerEngine engine) : EngineLogTests(engine.Daemon);

[Collection(DockerCollection.Name)]
public sealed class DockerRecoveryTests(DockerEngine engine) : EngineRecoveryTests(engine.Daemon);

[Collection(DockerCollection.Name)]
public sealed class DockerSpecTests(DockerEngine engine) : EngineSpecTests(engine.Daemon);

[Collection(DockerCollection.Name)]
public sealed class DockerStopTests(DockerEngine engine) : EngineStopTests(engine.Daemon);
