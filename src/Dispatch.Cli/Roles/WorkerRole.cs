using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Dispatch.Workers;
using Dispatch.Workers.Guard;
using Dispatch.Workers.Logs;
using Dispatch.Workers.Registry;
using Microsoft.Extensions.Logging;
using Temporalio.Client;

namespace Dispatch.Cli.Roles;

/// <summary>A worker: as a process of its own, or inside <c>dispatch dev</c>.</summary>
internal static class WorkerRole
{
    /// <summary>Runs a worker of its own process until it is told to end.</summary>
    public static async Task<int> RunAsync(WorkerSettings settings, WorkerConnections connections, LogLevel level)
    {
        OwnMemory.Close();
        var server = connections.Servers[0];
        using var signals = new RoleSignals();
        using var logs = LoggerFactory.Create(logging => RoleLogging.Configure(logging, level));
        using var http = new HttpClient(new ServerChoice(connections.Servers));
        var options = Options(settings, new HttpWorkerRegistry(http, server, () => connections.Token), new HttpLogIntake(http, server, () => connections.Token), logs) with
        {
            TemporalAddress = connections.Temporal.Target,
            TemporalNamespace = connections.Temporal.Namespace,
        };
        await using var worker = await StartAsync(settings, options, logs, signals.Stop, signals.Ending).ConfigureAwait(false);
        await Task.WhenAny(worker.Ready, signals.WaitAsync()).ConfigureAwait(false);
        if (worker.Ready.IsFaulted)
            throw Refused(worker.Ready.Exception.InnerException!);
        if (worker.Ready.IsCompletedSuccessfully)
        {
            foreach (var line in worker.Describe())
                Screen.Line($"worker ready: {line}");
        }

        await signals.WaitAsync().ConfigureAwait(false);
        await worker.StopAsync().ConfigureAwait(false);
        return worker.CannotGoOn ? ExitCodes.Failure : ExitCodes.Success;
    }

    /// <summary>Starts a worker in the process that has the registry and the log store.</summary>
    public static async Task<RunningWorker> StartAsync(WorkerSettings settings, ITemporalClient client, IWorkerRegistry registry, ILogIntake store, ILoggerFactory logs, RoleSignals signals)
    {
        var worker = await StartAsync(settings, Options(settings, registry, store, logs) with { TemporalClient = client }, logs, signals.Stop, signals.Ending).ConfigureAwait(false);
        try
        {
            await worker.Ready.WaitAsync(signals.Ending).ConfigureAwait(false);
            return worker;
        }
        catch (WorkerStartException e)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw Refused(e);
        }
    }

    private static CliException Refused(Exception why) => new(why.Message);

    private static async Task<RunningWorker> StartAsync(WorkerSettings settings, WorkerOptions options, ILoggerFactory logs, Action stop, CancellationToken token)
    {
        var service = new WorkerService(options, logs, stop);
        var worker = new RunningWorker(settings, options, service);
        try
        {
            await service.StartAsync(token).ConfigureAwait(false);
            var missing = settings.Runtimes.FirstOrDefault(name => !service.Status.Runtimes.Contains(name));
            if (missing is null)
                return worker;
            await worker.StopAsync().ConfigureAwait(false);
            var other = service.Status.RuntimeProducts.Values.FirstOrDefault();
            throw new CliException(missing != "process" && other is not null
                ? $"runtime {missing} is asked for, and {other} answers: name the address of {missing} with --docker, or ask for the other with --runtimes"
                : $"runtime {missing} is asked for and does not answer: {WhyMissing(service.Status.MissingRuntimes, missing)} Start it, name its address with --docker, or leave it out of --runtimes.");
        }
        catch (WorkerStartException e)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw new CliException(e.Message);
        }
        catch
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A worker has one runtime of images, which goes by the name of what it has found so far.</summary>
    private static string WhyMissing(IReadOnlyDictionary<string, string> reasons, string missing) =>
        reasons.First(reason => reason.Key == "process" == (missing == "process")).Value;

    private static WorkerOptions Options(WorkerSettings settings, IWorkerRegistry registry, ILogIntake store, ILoggerFactory logs)
    {
        // The guard goes where the worker goes, also if another engine should come up later.
        var containers = new DockerRuntime(
            new DockerRuntimeOptions { Endpoint = settings.DockerSocket is { } address ? new Uri(address) : null, PodmanOnly = settings.Runtimes.Contains("podman") && !settings.Runtimes.Contains("docker") },
            logger: logs.CreateLogger<DockerRuntime>());
        var guard = new GuardCommand(SelfCommand.Program, [.. SelfCommand.Arguments, "guard", "--data", settings.Data, "--docker", containers.Endpoint.OriginalString]);
        var link = new GuardLink(settings.Data, token => GuardProcess.EnsureRunningAsync(guard, settings.Data, token));
        IContainerRuntime[] runtimes =
        [
            containers,
            new ProcessRuntime(link, new ProcessRuntimeOptions()),
        ];
        return new WorkerOptions
        {
            Id = new(settings.Id),
            DataDirectory = settings.Data,
            Registry = registry,
            Logs = store,
            Runtimes = [.. runtimes.Where(runtime => settings.Runtimes.Count == 0 || settings.Runtimes.Any(name => (name == "process") == (runtime is ProcessRuntime)))],
            Guard = new WorkerGuard(link),
            Pool = settings.Pool,
            Capacity = settings.Capacity,
            Labels = settings.Labels,
            Shutdown = settings.Shutdown,
            Clock = BootClock.Instance,
        };
    }
}
