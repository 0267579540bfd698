using System.Text;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

/// <summary>A data directory, the guard of it, and a worker's process runtime over it.</summary>
internal sealed class GuardRig : IAsyncDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(60));
    private readonly List<ProcessIdentity> _guards = [];
    private GuardLink? _link;
    private ProcessRuntime? _runtime;
    private int _plans;

    internal string DataDirectory { get; } = Directory.CreateTempSubdirectory("dispatch-").FullName;

    internal string KillFile => Path.Combine(DataDirectory, "kills");

    internal CancellationToken Cancel => _deadline.Token;

    internal TextSink Sink { get; } = new();

    internal ProcessRuntime Runtime => _runtime ?? throw new InvalidOperationException("No worker is connected.");

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        foreach (var guard in _guards.Append(Guard() ?? default))
            guard.Signal(LinuxNumbers.SIGTERM);
        await UntilAsync(() => !_guards.Append(Guard() ?? default).Any(guard => guard.IsRunning));
        TreeRemover.Remove(DataDirectory);
        _deadline.Dispose();
    }

    internal static int CountWithArgument(string argument)
    {
        var found = 0;
        foreach (var stat in ProcessTable.All())
        {
            if (ProcFile.Read($"/proc/{stat.Pid}/cmdline") is { } line && Encoding.UTF8.GetString(line).Split('\0').Contains(argument))
                found++;
        }

        return found;
    }

    internal GuardCommand Command(int workerAwayMs) =>
        new(Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "GuardHost.dll"), DataDirectory, $"{workerAwayMs}", KillFile]);

    internal async Task<ProcessIdentity> StartGuardAsync(int workerAwayMs = 30_000)
    {
        _link = new GuardLink(DataDirectory, token => GuardProcess.EnsureRunningAsync(Command(workerAwayMs), DataDirectory, token));
        _runtime = new ProcessRuntime(_link, new ProcessRuntimeOptions());
        await _link.PingAsync(Cancel);
        _guards.Add(Guard()!.Value);
        return _guards[^1];
    }

    /// <summary>What a guard wrote down of a process's end.</summary>
    internal ExitReport? Report(ContainerPlan plan) => new StartBook(DataDirectory).Read().Single(start => start.Name == plan.Name).Report;

    internal ProcessIdentity? Guard() => GuardLock.Holder(ProcessLayout.LockFile(DataDirectory));

    internal async Task DisconnectAsync()
    {
        if (_runtime is not null)
            await _runtime.DisposeAsync();
        if (_link is not null)
            await _link.DisposeAsync();
        (_runtime, _link) = (null, null);
    }

    internal ContainerPlan Plan(params string[] command)
    {
        var name = $"job-{++_plans}";
        var folder = Directory.CreateDirectory(Path.Combine(DataDirectory, PermissionFile.AttemptsFolder, name)).FullName;
        return new ContainerPlan { Name = name, Command = command, Labels = new Dictionary<string, string>(), AttemptDirectory = folder };
    }

    internal void Permit(ContainerPlan plan, TimeSpan length) => PermissionFile.Write(plan.AttemptDirectory, new Permission
    {
        EndsAtNanoseconds = BootClock.Instance.GetTimestamp() + (length.Ticks * 100),
        BootId = HostIdentity.Read().BootId,
        Lease = "lease",
        Runtime = "process",
        ContainerId = plan.Name,
    });

    internal void Renew(ContainerPlan plan, TimeSpan length) =>
        PermissionFile.Renew(plan.AttemptDirectory, BootClock.Instance.GetTimestamp() + (length.Ticks * 100));

    internal async Task StartAsync(ContainerPlan plan)
    {
        await Runtime.CreateAsync(plan, Cancel);
        await Runtime.StartAsync(plan.Name, Sink, Cancel);
    }

    internal bool IsRunning(ContainerPlan plan) => ProcessTable.All().Any(stat => ProcessTable.HasEnvironment(stat.Pid, $"{ProcessLayout.ContainerVariable}={plan.Name}")
        && ProcessTable.HasEnvironment(stat.Pid, $"DISPATCH_OUTCOME={ProcessLayout.OutcomeFile(plan.AttemptDirectory)}"));

    internal async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(10, Cancel);
    }
}
