using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
using Dispatch.Workers.Guard;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Registry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Temporalio.Client;

namespace Dispatch.Workers;

/// <summary>The worker: takes its data directory, has its guard and runtimes answer, takes up what it had, registers, takes jobs, and ends in order.</summary>
public sealed partial class WorkerService : BackgroundService
{
    /// <summary>How long the start waits for its guard.</summary>
    internal static readonly TimeSpan GuardLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long the first registration of a worker without attempts waits for Temporal to answer.</summary>
    private static readonly TimeSpan ConnectFirst = TimeSpan.FromSeconds(1);

    private readonly WorkerOptions options;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly Action stopHost;
    private readonly TemporalLink temporal;
    private readonly RegistryCalls calls;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WorkerFolder? folder;
    private WorkerHost? host;
    private WorkerRuntimes? runtimes;
    private JobKeeper? keeper;
    private DrainWatch? drains;
    private DiskWatch? disk;
    private RuntimeFuse? fuse;
    private RuntimeWatch? runtimeWatch;

    /// <summary>Makes the service; it is started by the host.</summary>
    /// <param name="options">How it is run.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="stopHost">Ends the process in order, where a newer incarnation has taken the worker's place.</param>
    public WorkerService(WorkerOptions options, ILoggerFactory loggers, Action stopHost)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        this.loggers = loggers;
        this.stopHost = stopHost;
        logger = loggers.CreateLogger<WorkerService>();
        temporal = new TemporalLink(options, loggers);
        calls = new RegistryCalls(options.Registry, options.Id, options.Clock);
    }

    /// <summary>The worker's own state.</summary>
    public WorkerStatus Status { get; } = new();

    /// <summary>Ends once the worker has registered and polls for the first time.</summary>
    public Task Ready => ready.Task;

    /// <summary>Whether a newer incarnation of the worker has taken its place, so that it ends.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>Whether a runtime is another than the jobs on the disk were started in, so that it ends.</summary>
    public bool IsRuntimeReplaced { get; private set; }

    internal JobKeeper? Keeper => keeper;

    /// <inheritdoc/>
    /// <exception cref="WorkerStartException">It cannot run as it is configured, or on this machine.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (WorkerOptionsCheck.Check(options) is { Count: > 0 } errors)
        {
            throw new WorkerStartException(string.Join(" ", errors));
        }

        folder = WorkerFolder.Take(options.DataDirectory, options.Id, options.NewId);
        try
        {
            await EnsureGuardAsync(cancellationToken).ConfigureAwait(false);
            runtimes = await WorkerRuntimes.ProbeAsync(
                options.Runtimes, folder.ReadAttempts().Count > 0 ? folder.ReadRuntimes() : [], options.Clock, cancellationToken).ConfigureAwait(false);
            if (runtimes.Present.Count == 0)
            {
                var reasons = string.Join(" ", runtimes.Missing.Select(missing => $"{missing.Key}: {missing.Value}"));
                throw new WorkerStartException("No container runtime answers: " + reasons);
            }
        }
        catch
        {
            await GuardFarewell.SayAsync(options.DataDirectory, GuardLimit).ConfigureAwait(false);
            folder.Dispose();
            throw;
        }

        Status.Runtimes = [.. runtimes.Present.Keys.Order(StringComparer.Ordinal)];
        Status.MissingRuntimes = runtimes.Missing;
        Status.RuntimeRemarks = runtimes.Descriptions.ToDictionary(described => described.Key, described => described.Value.Remarks);
        Status.RuntimeProducts = runtimes.Descriptions.Where(described => described.Value.Product is not null).ToDictionary(described => described.Key, described => described.Value.Product!);
        var identity = HostIdentity.Read();
        host = new WorkerHost(identity.MachineId, identity.BootId, folder.Id, runtimes.Ids);
        fuse = new RuntimeFuse(Status, options.Clock);
        disk = new DiskWatch(folder.FullPath, Status, loggers.CreateLogger<DiskWatch>());
        keeper = new JobKeeper(new()
        {
            Worker = options.Id,
            Folder = folder,
            Runtimes = runtimes.Present,
            Guard = options.Guard,
            Registry = calls,
            Reporter = new TemporalReporter(temporal.Connected),
            Logs = options.Logs,
            Clock = options.Clock,
            Logger = loggers.CreateLogger<JobKeeper>(),
            CaptureBytesMax = options.CaptureBytesMax,
            DiskRefused = disk.Look,
            RuntimeTried = fuse.Tried,
        });
        runtimeWatch = new RuntimeWatch(runtimes, folder, Status, options.Clock, EndForRuntime, loggers.CreateLogger<RuntimeWatch>());
        runtimeWatch.Begin();
        drains = new DrainWatch(keeper, Status, options.DrainLimit, options.Clock);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (keeper is null)
        {
            return;
        }

        Status.Drain(wanted: true);
        await new OrderedEnd(keeper, runtimes!, options).RunAsync(cancellationToken).ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        Status.Stop();
        await SayStoppedAsync().ConfigureAwait(false);
        await drains!.DisposeAsync().ConfigureAwait(false);
        await keeper.DisposeAsync().ConfigureAwait(false);
        folder!.Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        calls.Dispose();
        folder?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Loading the client takes a while; what is taken up needs heartbeats soon.
        var connecting = Task.Run(() => temporal.ConnectAsync(stoppingToken), stoppingToken);
        if (options.TemporalClient is null)
        {
            Status.Condition("temporal", $"Temporal at {options.TemporalAddress} has not answered yet.");
        }

        TakeUp();
        var chores = new WorkerChores(options, keeper!, Status, runtimeWatch!, disk!, fuse!, loggers).RunAsync(stoppingToken);

        // In the usual case the worker is ready from its first word on; one that cannot reach Temporal says so and is given nothing. What is taken up waits for nothing.
        if (keeper!.Count == 0)
        {
            await Task.WhenAny(connecting, Task.Delay(ConnectFirst, options.Clock, stoppingToken)).ConfigureAwait(false);
        }

        if (connecting.IsCompletedSuccessfully)
        {
            Status.Condition("temporal", missing: null);
        }

        var registrar = new WorkerRegistrar(options, host!, keeper!, Status, logger);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var registered = await registrar.RegisterAsync(stoppingToken).ConfigureAwait(false);
                using var session = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await ServeAsync(registered, connecting, session).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends.
        }
        catch (WorkerStartException refused)
        {
            ready.TrySetException(refused);
            throw;
        }

        await chores.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task EnsureGuardAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(GuardLimit);
        try
        {
            await options.Guard.EnsureRunningAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception silent) when (silent is RuntimeException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new WorkerStartException($"The worker's guard could not be started: {silent.Message}", silent);
        }
    }

    /// <summary>Takes jobs as one incarnation, until the host ends or another registration is needed.</summary>
    private async Task ServeAsync(WorkerRegistered registered, Task<ITemporalClient> connecting, CancellationTokenSource session)
    {
        using var renewals = new RenewalLoop(
            calls, keeper!, registered.Profile, () => (Status.State, Status.Unmet), answer => Take(answer, session), options.Clock, loggers.CreateLogger<RenewalLoop>());
        Status.Changed += renewals.Hasten;
        try
        {
            var client = await connecting.WaitAsync(session.Token).ConfigureAwait(false);
            Status.Condition("temporal", missing: null);
            await new JobPolling(options, host!, keeper!, Status, loggers).RunAsync(client, registered, () => ready.TrySetResult(), session.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (session.IsCancellationRequested)
        {
            // Another registration, or the host's end.
        }
        finally
        {
            Status.Changed -= renewals.Hasten;
        }
    }

    private void Take(RenewalAnswer answer, CancellationTokenSource session)
    {
        if (answer.Accepted)
        {
            drains!.Want(answer.Wanted);
        }
        else if (answer.RegisterAgain)
        {
            RegistersAgain();

            // Not on this thread: what waits for it joins this thread.
            _ = session.CancelAsync();
        }
        else if (!Status.IsDraining)
        {
            IsSuperseded = true;
            Superseded(SupersededText.Of(options.Id, calls.Incarnation, host!, answer));
            drains!.Want(WorkerState.Draining);
            _ = Task.Run(async () =>
            {
                await keeper!.WhenEmptyAsync(CancellationToken.None).ConfigureAwait(false);
                stopHost();
            });
        }
    }

    private void EndForRuntime(string why)
    {
        IsRuntimeReplaced = true;
        RuntimeReplaced(why);
        stopHost();
    }

    private async Task SayStoppedAsync()
    {
        try
        {
            await calls.RenewAsync(keeper!.Statements, WorkerState.Stopped, [], CancellationToken.None).ConfigureAwait(false);
        }
        catch (DispatchException away)
        {
            NotSaid(away.Message);
        }
    }
}
