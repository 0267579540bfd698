using System.Text;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Registry;
using Dispatch.Simulation.Checks;
using Dispatch.Simulation.Faults;
using Dispatch.Simulation.Registry;
using Dispatch.Simulation.Temporal;
using Dispatch.Simulation.Time;
using Dispatch.Simulation.Workers;
using Dispatch.Workers.Keeper;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation;

/// <summary>One run of the simulation: all parts, all that goes wrong, all that is checked, from one seed.</summary>
internal sealed class World
{
    /// <summary>After the last fault all must have ended within this, virtual.</summary>
    private static readonly TimeSpan EndWithin = TimeSpan.FromHours(3);
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 1, 0, 0, TimeSpan.Zero);
    private readonly StringBuilder? trace;
    private readonly Dictionary<string, JobSpec> specs = [];

    public World(ulong seed, Profile profile, Mutant? mutant = null, bool traced = false)
    {
        Seed = seed;
        Profile = profile;
        Mutant = mutant ?? new Mutant();
        trace = traced ? new StringBuilder() : null;
        Chance = new(seed * 7919 + 17);
        Oracle = new(this);
        Temporal = new(this);
        Times = profile.Times[Chance.Whole(0, profile.Times.Length - 1)];
        Registry = new(this, new(this, "database", Drift()), Times);
        Server = new(this, new(this, "central", Drift()));
        Hosts = [.. Enumerable.Range(1, Chance.Whole(1, 2)).Select(number => new WorkflowHost(this, $"host{number}", new(this, $"machine{number}", Drift())))];
        WorkerHosts = [.. Enumerable.Range(1, Chance.Whole(profile.WorkersLeast, profile.WorkersMost)).Select(number => new Host(this, $"w{number}", new($"w{number}"), Drift(), Chance.Whole(1, 2)))];
        Registry.Rows.Subscribe(Changed);
    }

    public ulong Seed { get; }

    public Profile Profile { get; }

    public Contracts.TimeProfile Times { get; }

    public Mutant Mutant { get; }

    public Timeline Time { get; } = new();

    public Chance Chance { get; }

    public Oracle Oracle { get; }

    public TemporalModel Temporal { get; }

    public RegistryProcess Registry { get; }

    public ServerProcess Server { get; }

    public WorkflowHost[] Hosts { get; }

    public List<Host> WorkerHosts { get; }

    /// <summary>How long a worker that drains lets what it has run on.</summary>
    public TimeSpan DrainLimit => TimeSpan.FromSeconds(Seed % 4 * 5);

    public Dictionary<JobId, Workload> Workloads { get; } = [];

    public TimeSpan Now => Time.Now;

    /// <summary>Temporal's clock.</summary>
    public DateTimeOffset Utc => Epoch + Now;

    public string Trace => trace?.ToString() ?? "";

    /// <summary>Plays it to its end.</summary>
    /// <returns>What was violated; null is nothing.</returns>
    public string? Play()
    {
        Registry.Start();
        Server.Start();
        foreach (var host in Hosts) host.Start();
        foreach (var host in WorkerHosts) host.Worker.Start();
        var faults = new FaultPlan(this);
        faults.Schedule();
        var heals = Profile.Horizon;
        Time.At(heals, faults.Heal);
        var ends = heals + EndWithin;
        var look = heals + TimeSpan.FromSeconds(5);
        while (Oracle.Violation is null && Time.Step())
        {
            Oracle.Check();
            if (Now < look) continue;
            look = Now + TimeSpan.FromSeconds(5);
            var left = Oracle.Left();
            if (left is null) break;
            if (Now < ends) continue;
            Oracle.Violate($"not all has ended {EndWithin.TotalHours} h after the last fault: {left}");
        }

        if (Oracle.Violation is null) Oracle.Final();
        return Oracle.Violation;
    }

    public void Log(string who, string what) => trace?.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Now.TotalSeconds,11:0.0000} {who,-10} {what}\n");

    /// <summary>Something in the simulation, or in the code under it, threw.</summary>
    public void Fault(Exception fault) => Oracle.Violate($"an exception: {fault}");

    public JobSpec SpecOf(string json)
    {
        if (!specs.TryGetValue(json, out var spec)) specs[json] = spec = JobSpecReader.Read(Encoding.UTF8.GetBytes(json)).Spec!;
        return spec;
    }

    /// <summary>A worker that waits for tasks of a queue learns of one.</summary>
    public void Poke(string queue)
    {
        foreach (var host in WorkerHosts)
        {
            if (host.Worker.Deliveries.Polls(queue)) host.Worker.After(Chance.Span(0.0005, 0.01), host.Worker.Deliveries.Poll);
        }
    }

    public void StartJob(JobId job)
    {
        var reading = JobSpecReader.Read(Encoding.UTF8.GetBytes(Workloads[job].Spec));
        if (reading.Spec is null) throw new InvalidOperationException(string.Join(" ", reading.Errors.Select(error => $"{error.Field}: {error.Message}")));
        var canonical = JobSpecWriter.Write(reading.Spec);
        Temporal.StartRun(job, new(reading, Encoding.UTF8.GetString(canonical), SpecDigest.Of(canonical)));
    }

    public static string Short(object what) => what switch
    {
        RunEnd.Reported reported => $"{reported.Report.End} {reported.Report.Outcome.Code} {reported.Report.Outcome.Message}",
        RunEnd.Failed failed => $"{failed.Failure.Code}{(failed.Failure.NothingStarted ? " (nothing started)" : "")}",
        AttemptInput.LeaseAnswered lease => $"lease {lease.Standing}",
        AttemptInput.HeartbeatAnswered beat => $"heartbeat {beat.Answer}",
        AttemptInput.ReportAnswered report => $"report {report.Answer}",
        _ => what.GetType().Name,
    };

    /// <summary>Another process, on another host, bears a worker's id: the one that registers last is the worker.</summary>
    public Host TwinOf(Host host)
    {
        var twin = WorkerHosts.Find(one => one != host && one.Worker.Id == host.Worker.Id);
        if (twin is null) WorkerHosts.Add(twin = new(this, $"{host.Machine.Name}b", host.Worker.Id, Drift(), host.Slots));
        return twin;
    }

    private double Drift() => 1 + ((Chance.Share() - 0.5) * 2 * Profile.Drift);

    private void Changed(RegistryChange change)
    {
        switch (change)
        {
            case { Kind: RegistryChangeKind.NudgeDue, Job: { } job, RunId: { } run } when !Server.Link.CutBack:
                Server.NudgeDue(job, run);
                break;
            case { Kind: RegistryChangeKind.CapacityAppeared or RegistryChangeKind.JobUnblocked }:
                foreach (var host in Hosts)
                {
                    if (!host.Placing.Link.CutBack) host.Placing.Hint();
                }

                break;
            case { Kind: RegistryChangeKind.JobChanged, Worker: not null }:
                Oracle.LeasesChanged = true;
                break;
            default:
                break;
        }
    }
}

/// <summary>What a job is to run.</summary>
internal sealed record Workload(string Spec, TimeSpan Runs, int Code, bool IsProcess);
