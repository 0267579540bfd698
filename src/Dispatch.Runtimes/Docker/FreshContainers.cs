using System.Collections.Concurrent;

namespace Dispatch.Runtimes.Docker;

/// <summary>Containers that this instance made and has not started yet: what is known of them, so that the start need not ask, and the input they wait for.</summary>
internal sealed class FreshContainers
{
    private readonly ConcurrentDictionary<string, EngineContainer> _made = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _inputs = new(StringComparer.Ordinal);

    /// <summary>Keeps what a created container is to be given.</summary>
    public void Keep(string containerId, ReadOnlyMemory<byte> stdin)
    {
        if (!stdin.IsEmpty)
            _inputs[containerId] = stdin;
    }

    /// <summary>Keeps the account of a container that was made just now and that nobody can have started.</summary>
    public void Keep(EngineContainer container) => _made[container.Id] = container;

    /// <summary>Hands the account out, once: after a try of its start nobody knows how the container is.</summary>
    public EngineContainer? TakeUp(string containerId) => _made.TryRemove(containerId, out var container) ? container : null;

    /// <summary>The input of a container, until it was given.</summary>
    public bool TryInput(string containerId, out ReadOnlyMemory<byte> stdin) => _inputs.TryGetValue(containerId, out stdin);

    /// <summary>Forgets a container, by id or name.</summary>
    public void Forget(string container)
    {
        var id = _made.Values.FirstOrDefault(made => made.Name == container)?.Id ?? container;
        _made.TryRemove(id, out _);
        _inputs.TryRemove(id, out _);
    }
}
