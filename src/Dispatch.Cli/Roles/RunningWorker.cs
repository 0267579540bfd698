using Dispatch.Workers;
using Dispatch.Workers.Guard;

namespace Dispatch.Cli.Roles;

/// <summary>A worker that was started, with what must end after it.</summary>
internal sealed class RunningWorker(WorkerSettings settings, WorkerOptions options, WorkerService service) : IAsyncDisposable
{
    private static readonly TimeSpan GuardEndWithin = TimeSpan.FromSeconds(5);

    /// <summary>Ends once the worker has registered and polls for the first time.</summary>
    public Task Ready => service.Ready;

    /// <summary>Whether it ends because it cannot go on: a newer incarnation has taken its place, or a runtime is another than it was.</summary>
    public bool CannotGoOn => service.IsSuperseded || service.IsRuntimeReplaced;

    /// <summary>What the worker is, for people.</summary>
    public IEnumerable<string> Describe()
    {
        yield return $"{settings.Id}, incarnation {service.Status.Incarnation}: {string.Join(", ", service.Status.Runtimes.Select(Named))}; {settings.Capacity.Slots ?? 1} slot{(settings.Capacity.Slots is null or 1 ? "" : "s")}, {settings.Capacity.Cpu} cores, {Output.Screen.Size(settings.Capacity.MemoryBytes)}";
        foreach (var (name, remarks) in service.Status.RuntimeRemarks)
        {
            foreach (var remark in remarks)
                yield return $"{(name == "process" ? "plain processes" : name)}: {remark}";
        }

        foreach (var (name, why) in service.Status.MissingRuntimes)
            yield return $"without {Named(name)}: {why}";
    }

    /// <summary>Ends the worker in order: its jobs as its options say, and its guard where nothing is left to guard.</summary>
    public async Task StopAsync()
    {
        await service.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await GuardFarewell.SayAsync(settings.Data, GuardEndWithin).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        service.Dispose();
        foreach (var runtime in options.Runtimes.OfType<IAsyncDisposable>())
            await runtime.DisposeAsync().ConfigureAwait(false);
    }

    private string Named(string runtime) => service.Status.RuntimeProducts.GetValueOrDefault(runtime)
        ?? runtime switch { "process" => "plain processes", "docker" => "Docker or Podman", "podman" => "Podman", _ => runtime };
}
