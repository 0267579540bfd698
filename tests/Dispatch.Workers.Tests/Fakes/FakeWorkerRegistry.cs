using System.Collections.Concurrent;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Workers;

namespace Dispatch.Workers.Tests.Fakes;

/// <summary>A registry that answers as it is told.</summary>
internal sealed class FakeWorkerRegistry : IWorkerRegistry
{
    private long incarnation;
    private long highestCall;

    internal ConcurrentDictionary<LeaseId, string> Offered { get; } = new();

    internal ConcurrentDictionary<LeaseId, bool> Held { get; } = new();

    internal ConcurrentQueue<LeaseReturn> Returns { get; } = new();

    internal ConcurrentQueue<WorkerRenewal> Renewals { get; } = new();

    internal bool Away { get; set; }

    internal TimeProfile Profile { get; set; } = TimeProfile.Fast;

    internal Admission Admission { get; set; } = new() { AllowProcess = true };

    internal WorkerState? Wanted { get; set; }

    /// <summary>Done while a confirm is under way.</summary>
    internal Action? Confirming { get; set; }

    /// <summary>Numbers that came lower than one before: the registry would have ignored those calls.</summary>
    internal int Overtaken { get; private set; }

    public Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken)
    {
        Check(null);
        highestCall = 0;
        return Task.FromResult(new WorkerRegistered
        {
            Incarnation = ++incarnation,
            Profile = Profile,
            Admission = Admission,
            Leases = [.. registration.Has.Select(Verdict)],
        });
    }

    public Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken)
    {
        Check(renewal.Call);
        Renewals.Enqueue(renewal);
        return Task.FromResult(new RenewalAnswer
        {
            Accepted = renewal.Incarnation == incarnation,
            Leases = [.. renewal.Has.Select(Verdict)],
            Unnamed = [.. Held.Keys.Except(renewal.Has.Select(statement => statement.Lease))],
            Wanted = Wanted,
        });
    }

    public Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken)
    {
        Check(confirmation.Call);
        Confirming?.Invoke();
        if (!Offered.TryGetValue(confirmation.Lease, out var spec))
        {
            return Task.FromResult(new ConfirmAnswer { Accepted = false, Why = "another has it" });
        }

        Held[confirmation.Lease] = true;
        return Task.FromResult(new ConfirmAnswer { Accepted = true, SpecJson = spec, Job = new("j"), Attempt = 1, Fence = 1 });
    }

    public Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken)
    {
        Check(leaseReturn.Call == LeaseReturn.Unnumbered ? null : leaseReturn.Call);
        Held.TryRemove(leaseReturn.Lease, out _);
        Offered.TryRemove(leaseReturn.Lease, out _);
        Returns.Enqueue(leaseReturn);
        return Task.CompletedTask;
    }

    private LeaseVerdict Verdict(LeaseStatement statement) => new(statement.Lease, Held.ContainsKey(statement.Lease) ? LeaseStanding.Held : LeaseStanding.NotYours);

    private void Check(long? call)
    {
        if (Away)
        {
            throw new DispatchException(ErrorCode.RegistryUnavailable, "The registry is away.");
        }

        if (call is { } number)
        {
            Overtaken += number <= highestCall ? 1 : 0;
            highestCall = Math.Max(highestCall, number);
        }
    }
}
