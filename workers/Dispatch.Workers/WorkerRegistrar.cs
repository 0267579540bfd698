using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Registry;
using Dispatch.Workers.Keeper;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers;

/// <summary>Registers the worker, saying what it has.</summary>
internal sealed partial class WorkerRegistrar(WorkerOptions options, WorkerHost host, JobKeeper keeper, WorkerStatus status, ILogger logger)
{
    private static readonly TimeSpan RegisterLimit = TimeSpan.FromSeconds(5);

    private readonly SaidSeldom refusals = new(options.Clock);
    private bool registeredBefore;

    /// <summary>Registers; tries until the registry answers.</summary>
    /// <exception cref="WorkerStartException">The registry refuses the worker as it is.</exception>
    internal async Task<WorkerRegistered> RegisterAsync(CancellationToken cancellationToken)
    {
        var start = options.NewId();
        var pause = Pauses.First;
        while (true)
        {
            var sentAt = BootTime.Now(options.Clock);
            try
            {
                var registered = await options.Registry.RegisterAsync(Registration(start), cancellationToken)
                    .WaitAsync(RegisterLimit, options.Clock, cancellationToken).ConfigureAwait(false);
                WriteDown(registered.Incarnation);
                keeper.Parts.Registry.Registered(registered);
                keeper.Take(registered.Leases, sentAt);
                status.Registered(registered.Incarnation);
                registeredBefore = true;
                Registered(options.Id.Value, registered.Incarnation, registered.Profile.Name);
                return registered;
            }
            catch (WorkerTokenRefused refused) when (!registeredBefore)
            {
                throw new WorkerStartException(refused.Message, refused);
            }
            catch (DispatchException refused) when (refused.Code != ErrorCode.RegistryUnavailable)
            {
                throw new WorkerStartException($"The registry refuses the worker {options.Id}: {refused.Message}", refused);
            }
            catch (Exception away) when (away is DispatchException or TimeoutException)
            {
                if (refusals.MaySay())
                {
                    NotRegistered(away.Message);
                }

                await Task.Delay(pause, options.Clock, cancellationToken).ConfigureAwait(false);
                pause = Pauses.After(pause);
            }
        }
    }

    /// <summary>The registry knows it too: the note is for a registry that was lost.</summary>
    private void WriteDown(long incarnation)
    {
        try
        {
            keeper.Parts.Folder.WriteIncarnation(incarnation);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            NotWrittenDown(refused, incarnation);
        }
    }

    private WorkerRegistration Registration(string start) => new()
    {
        Worker = options.Id,
        LastIncarnation = keeper.Parts.Folder.ReadIncarnation(),
        StartId = start,
        Host = host,
        Version = HostFacts.Version,
        Pool = options.Pool,
        Capacity = options.Capacity,
        Labels = options.Labels,
        Runtimes = status.Runtimes,
        Has = keeper.Statements(),
        State = status.IsDraining ? WorkerState.Draining : status.Unmet.Count > 0 ? WorkerState.NotReady : WorkerState.Ready,
    };

    [LoggerMessage(4200, LogLevel.Information, "Worker {Worker} is registered as incarnation {Incarnation}, profile {Profile}")]
    private partial void Registered(string worker, long incarnation, string profile);

    [LoggerMessage(4202, LogLevel.Error, "The worker's disk does not take its incarnation {Incarnation}")]
    private partial void NotWrittenDown(Exception refused, long incarnation);

    [LoggerMessage(4201, LogLevel.Warning, "The worker is not registered yet and tries on; said at most once a minute: {Reason}")]
    private partial void NotRegistered(string reason);
}
