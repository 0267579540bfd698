using System.Collections.Concurrent;

namespace Dispatch.Runtimes.Docker;

/// <summary>Containers that this instance made and has not started yet: what is known of them, so that the start need not ask, and what they are to be started with.</summary>
internal sealed class FreshContainers : IDisposable
{
    private readonly ConcurrentDictionary<string, EngineContainer> _made = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _inputs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task<EngineStream>> _attachments = new(StringComparer.Ordinal);

    /// <summary>Keeps what a created container is to be given.</summary>
    public void Keep(string containerId, ReadOnlyMemory<byte> stdin)
    {
        if (!stdin.IsEmpty)
            _inputs[containerId] = stdin;
    }

    /// <summary>Keeps the account of a container that was made just now and that nobody can have started.</summary>
    public void Keep(EngineContainer container) => _made[container.Id] = container;

    /// <summary>Keeps an attachment that is being made.</summary>
    public void Keep(string containerId, Task<EngineStream> attaching) => _attachments[containerId] = attaching;

    /// <summary>Hands the account out, once: after a try of its start nobody knows how the container is.</summary>
    public EngineContainer? TakeUp(string containerId) => _made.TryRemove(containerId, out var container) ? container : null;

    /// <summary>The input of a container, until it was given.</summary>
    public bool TryInput(string containerId, out ReadOnlyMemory<byte> stdin) => _inputs.TryGetValue(containerId, out stdin);

    /// <summary>Hands the attachment out, once; null where there is none, or it has ended since: what comes of such a one would look like the whole output.</summary>
    public async Task<EngineStream?> TakeAttachmentAsync(string containerId)
    {
        if (!_attachments.TryRemove(containerId, out var attaching))
            return null;
        await ((Task)attaching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (attaching.IsCompletedSuccessfully && await attaching.ConfigureAwait(false) is { IsQuiet: true } attached)
            return attached;
        LetGo(attaching);
        return null;
    }

    /// <summary>Forgets a container, by id or name.</summary>
    public void Forget(string container)
    {
        var id = _made.Values.FirstOrDefault(made => made.Name == container)?.Id ?? container;
        _made.TryRemove(id, out _);
        _inputs.TryRemove(id, out _);
        if (_attachments.TryRemove(id, out var attaching))
            LetGo(attaching);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var id in _attachments.Keys)
            Forget(id);
    }

    private static void LetGo(Task<EngineStream> attaching) => _ = attaching.ContinueWith(
        static made =>
        {
            if (made.Exception is null && !made.IsCanceled)
                made.Result.Dispose();
        },
        CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}
