using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>A container as the engine shows it, reduced to what this runtime reads.</summary>
internal sealed record EngineContainer
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required State State { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The first word of what is executed.</summary>
    public required string Command { get; init; }

    public required string WorkingDirectory { get; init; }

    public required string User { get; init; }

    public required IReadOnlyList<string> Environment { get; init; }

    public required bool TakesInput { get; init; }

    public required bool HasInit { get; init; }

    /// <summary>Where the engine keeps the container's output on its host; empty where it does not tell.</summary>
    public required string LogPath { get; init; }

    /// <summary>Whether it is just being removed.</summary>
    public bool IsGoing => State.Status is "removing" or "dead";

    /// <summary>Reads what the engine shows.</summary>
    /// <param name="shown">Its answer.</param>
    /// <param name="dialect">Its dialect.</param>
    /// <returns>The container.</returns>
    public static EngineContainer From(ContainerInspectResponse shown, EngineDialect dialect) => new()
    {
        Id = shown.ID,
        Name = (shown.Name ?? shown.ID).TrimStart('/'),
        State = shown.State ?? new State(),
        Labels = new Dictionary<string, string>(shown.Config?.Labels ?? new Dictionary<string, string>()),
        Command = dialect.Command(shown),
        WorkingDirectory = shown.Config?.WorkingDir is { Length: > 0 } folder ? folder : "/",
        User = shown.Config?.User ?? "",
        Environment = [.. shown.Config?.Env ?? []],
        TakesInput = shown.Config?.OpenStdin == true,
        HasInit = shown.HostConfig?.Init == true,
        LogPath = shown.LogPath ?? "",
    };
}
