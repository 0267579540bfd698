using Dispatch.Workers;

namespace Dispatch.Cli.Roles;

/// <summary>A worker that was started, with what must end after it.</summary>
internal sealed class RunningWorker(WorkerSettings settings, WorkerOptions options, WorkerService service) : IAsyncDisposable
{
    /// <summary>Ends once the worker has registered and polls for the first time.</summary>
    public Task Ready => service.Ready;

    /// <summary>What the worker is, for people.</summary>
    public IEnumerable<string> Describe()
    {
        yield return $"{settings.Id}, incarnation {service.Status.Incarnation}: {string.Join(", ", service.Status.Runtimes.Select(Named))}; {settings.Capacity.Slots ?? 1} slot{(settings.Capacity.Slots is null or 1 ? "" : "s")}, {settings.Capacity.Cpu} cores, {Contracts.Jobs.SizeText.Format(settings.Capacity.MemoryBytes)}";
        foreach (var (name, why) in service.Status.MissingRuntimes)
            yield return $"without {Named(name)}: {why}";
    }

    /// <summary>Ends the worker in order: its jobs as its options say.</summary>
    public Task StopAsync() => service.StopAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        service.Dispose();
        foreach (var runtime in options.Runtimes.OfType<IAsyncDisposable>())
            await runtime.DisposeAsync().ConfigureAwait(false);
    }

    private static string Named(string runtime) => runtime == "process" ? "plain processes" : runtime == "docker" ? "Docker" : runtime;
}
