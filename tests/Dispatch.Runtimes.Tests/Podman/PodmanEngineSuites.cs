using Dispatch.Runtimes.Tests.Engines;

namespace Dispatch.Runtimes.Tests.Podman;

[Collection(PodmanCollection.Name)]
public sealed class PodmanDescriptionTests(PodmanEngine engine) : EngineDescriptionTests(engine.Service)
{
    private protected override string Name => "podman";

    private protected override IEnumerable<string> Lacks => [];

    private protected override string? Network => "none";
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanExitTests(PodmanEngine engine) : EngineExitTests(engine.Service)
{
    private protected override string? Network => "none";
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanImageTests(PodmanEngine engine) : EngineImageTests(engine.Service)
{
    private protected override string? Network => "none";
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanLimitTests(PodmanEngine engine) : EngineLimitTests(engine.Service)
{
    private protected override string? Network => "none";
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanCostTests(PodmanEngine engine) : EngineCostTests(engine.Service)
{
    /// <summary>One look more than Docker needs: it says where a container's output is.</summary>
    private protected override IEnumerable<string> Requests =>
    [
        "GET /images/…/json", "POST /containers/create", "GET /containers/…/json", "POST /containers/…/attach", "POST /containers/…/start",
    ];

    private protected override string? Network => "none";
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanLogTests(PodmanEngine engine) : EngineLogTests(engine.Service)
{
    private protected override string? Network => "none";
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanSpecTests(PodmanEngine engine) : EngineSpecTests(engine.Service)
{
    private protected override string? Network => "none";
}

[Collection(PodmanCollection.Name)]
public sealed class PodmanStopTests(PodmanEngine engine) : EngineStopTests(engine.Service)
{
    private protected override string? Network => "none";
}
