using Dispatch.Runtimes;

namespace Dispatch.Workers.Attempts;

/// <summary>A runtime as it answered a worker of this data directory: what the next one goes by until it answers again.</summary>
/// <param name="Endpoint">Where it was reached.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it said of itself.</param>
internal sealed record KnownRuntime(Uri Endpoint, string Name, RuntimeDescription Description)
{
    /// <summary>Whether it is reached where another is.</summary>
    internal bool IsAt(IContainerRuntime runtime) => runtime.Endpoint == Endpoint;

    /// <summary>Whether it is the same runtime, with the same containers.</summary>
    internal bool Is(string name, RuntimeDescription described) => (Name, Description.RuntimeId) == (name, described.RuntimeId);
}
