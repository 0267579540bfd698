using System.Diagnostics;
using Dispatch.Contracts.Errors;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

/// <summary>A real guard in a process of its own.</summary>
public sealed class GuardTests : IAsyncLifetime
{
    private readonly GuardRig _rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task A_process_ends_with_its_permission_and_not_before()
    {
        await _rig.StartGuardAsync();
        var plan = _rig.Plan("sh", "-c", "trap '' TERM; (setsid sleep 300 &) ; sleep 300");
        _rig.Permit(plan, TimeSpan.FromSeconds(2));
        var clock = Stopwatch.StartNew();
        await _rig.StartAsync(plan);

        await Task.Delay(1000, _rig.Cancel);
        Assert.True(_rig.IsRunning(plan));
        _rig.Renew(plan, TimeSpan.FromSeconds(2));
        var exit = await _rig.Runtime.WaitAsync(plan.Name, _rig.Cancel);

        Assert.Equal(9, exit.Signal);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task A_process_outlives_its_worker_but_never_its_permission_and_then_the_guard_leaves()
    {
        var guard = await _rig.StartGuardAsync(workerAwayMs: 2_000);
        var plan = _rig.Plan("sleep", "300");
        _rig.Permit(plan, TimeSpan.FromSeconds(3));
        await _rig.StartAsync(plan);
        await _rig.DisconnectAsync();

        await Task.Delay(1500, _rig.Cancel);
        Assert.True(guard.IsRunning && _rig.IsRunning(plan));
        await _rig.UntilAsync(() => !guard.IsRunning);

        var report = _rig.Report(plan)!;
        Assert.Equal((9, false), (report.Signal, report.Lost));
        Assert.False(_rig.IsRunning(plan));
    }

    [Fact]
    public async Task A_process_without_a_permission_ends_when_its_worker_stays_away()
    {
        var guard = await _rig.StartGuardAsync(workerAwayMs: 2_000);
        var plan = _rig.Plan("sleep", "300");
        await _rig.StartAsync(plan);
        await _rig.DisconnectAsync();

        await _rig.UntilAsync(() => !guard.IsRunning);

        Assert.False(_rig.IsRunning(plan));
    }

    [Fact]
    public async Task Nothing_is_started_once_its_permission_has_ended()
    {
        await _rig.StartGuardAsync();
        var plan = _rig.Plan("true");
        _rig.Permit(plan, TimeSpan.Zero);

        var error = await Assert.ThrowsAsync<RuntimeException>(() => _rig.StartAsync(plan));

        Assert.Equal(ErrorCode.StaleLease, error.Code);
        Assert.Equal(ContainerPhase.Created, (await _rig.Runtime.InspectAsync(plan.Name, _rig.Cancel))!.Phase);
    }

    [Fact]
    public async Task When_a_guard_dies_the_next_one_ends_what_it_started_and_starts_nothing_twice()
    {
        var guard = await _rig.StartGuardAsync();
        var mark = $"{Environment.ProcessId}.33";
        var plan = _rig.Plan("sh", "-c", $"echo up; (setsid env -i sleep {mark} > /dev/null 2>&1 &); trap '' PIPE TERM HUP; sleep {mark}");
        _rig.Permit(plan, TimeSpan.FromMinutes(5));
        await _rig.StartAsync(plan);
        await _rig.UntilAsync(() => GuardRig.CountWithArgument(mark) == 2);

        guard.Signal(LinuxNumbers.SIGKILL);
        var error = await Assert.ThrowsAsync<RuntimeException>(() => _rig.Runtime.WaitAsync(plan.Name, _rig.Cancel));

        Assert.True(error.ContainerGone);
        Assert.NotEqual(guard, _rig.Guard());
        await _rig.UntilAsync(() => GuardRig.CountWithArgument(mark) == 0);
        Assert.Equal("up\n", _rig.Sink.Text);
        await _rig.Runtime.StartAsync(plan.Name, new TextSink(), _rig.Cancel);
        Assert.Equal(0, GuardRig.CountWithArgument(mark));
        Assert.True((await Assert.ThrowsAsync<RuntimeException>(() => _rig.Runtime.WaitAsync(plan.Name, _rig.Cancel))).ContainerGone);
        await _rig.Runtime.RemoveAsync(plan.Name, _rig.Cancel);
    }

    [Fact]
    public async Task A_guard_that_is_told_to_end_ends_what_it_started_first()
    {
        var guard = await _rig.StartGuardAsync();
        var plan = _rig.Plan("sh", "-c", "trap '' TERM; while :; do sleep 1; done");
        await _rig.StartAsync(plan);

        guard.Signal(LinuxNumbers.SIGTERM);
        await _rig.UntilAsync(() => !guard.IsRunning);

        Assert.Equal(9, _rig.Report(plan)!.Signal);
    }

    [Fact]
    public async Task A_guard_removes_its_cgroups_when_it_ends_and_those_of_a_killed_one_but_not_those_of_a_living_one()
    {
        await using var killed = new GuardRig();
        await using var living = new GuardRig();
        var dead = await killed.StartGuardAsync();
        await killed.StartAsync(killed.Plan("sleep", "300"));
        await living.StartGuardAsync();
        Assert.True(Cgroups(killed).Count > 1 && Cgroups(living).Count > 0, "The limits of processes need cgroups that this user may make.");

        await killed.DisconnectAsync();
        dead.Signal(LinuxNumbers.SIGKILL);
        await _rig.UntilAsync(() => !dead.IsRunning);
        foreach (var pid in Cgroups(killed).SelectMany(folder => ProcFile.Numbers(ProcFile.Read(folder + "/cgroup.procs") ?? [])).Distinct())
            new ProcessIdentity(pid, ProcStat.Read(pid)!.Value.StartTicks).Signal(LinuxNumbers.SIGKILL);
        await _rig.UntilAsync(() => Cgroups(killed).All(folder => ProcFile.Read(folder + "/cgroup.procs") is not { Length: > 0 }));
        var guard = await _rig.StartGuardAsync();

        Assert.Empty(Cgroups(killed));
        Assert.NotEmpty(Cgroups(living));
        Assert.NotEmpty(Cgroups(_rig));
        guard.Signal(LinuxNumbers.SIGTERM);
        await _rig.UntilAsync(() => !guard.IsRunning);
        Assert.Empty(Cgroups(_rig));
    }

    [Fact]
    public async Task The_cgroup_that_is_ready_for_the_next_start_becomes_that_processs_own_and_another_is_made()
    {
        await _rig.StartGuardAsync();
        await _rig.UntilAsync(IsReady);
        var ready = ReadyCgroups();
        var plan = _rig.Plan("sleep", "300");

        await _rig.StartAsync(plan);

        var pid = (await _rig.Runtime.InspectAsync(plan.Name, _rig.Cancel))!.ProcessId!.Value;
        foreach (var folder in ready.Select(folder => Path.Combine(Path.GetDirectoryName(folder)!, plan.Name)))
            await _rig.UntilAsync(() => ProcFile.Numbers(ProcFile.Read(folder + "/tasks")!) is [var only] && only == pid);
        await _rig.UntilAsync(IsReady);
    }

    [Fact]
    public async Task What_a_killed_guard_had_ready_is_no_process_of_the_next_one_which_makes_use_of_it()
    {
        var guard = await _rig.StartGuardAsync();
        await _rig.UntilAsync(IsReady);
        var before = Cgroups(_rig).Count;

        guard.Signal(LinuxNumbers.SIGKILL);
        await _rig.UntilAsync(() => !guard.IsRunning);
        Assert.NotEmpty(ReadyCgroups());
        await _rig.DisconnectAsync();
        await _rig.StartGuardAsync();

        Assert.Empty(await _rig.Runtime.ListAsync("", _rig.Cancel));
        await _rig.UntilAsync(IsReady);
        Assert.Equal(before, Cgroups(_rig).Count);
    }

    [Fact]
    public async Task A_start_that_fails_leaves_no_cgroup_and_the_next_one_starts()
    {
        await _rig.StartGuardAsync();
        await _rig.UntilAsync(IsReady);
        var program = Path.Combine(_rig.DataDirectory, "no-program");
        await File.WriteAllTextAsync(program, "neither a script nor a program", _rig.Cancel);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var bad = _rig.Plan(program);

        await Assert.ThrowsAsync<RuntimeException>(() => _rig.StartAsync(bad));

        Assert.DoesNotContain(Cgroups(_rig), folder => Path.GetFileName(folder) == bad.Name);
        var good = _rig.Plan("true");
        await _rig.StartAsync(good);
        Assert.Equal(0, (await _rig.Runtime.WaitAsync(good.Name, _rig.Cancel)).Code);
    }

    [Fact]
    public async Task There_is_one_guard_however_many_ask_for_it()
    {
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => GuardProcess.EnsureRunningAsync(_rig.Command(30_000), _rig.DataDirectory, _rig.Cancel)));

        await _rig.UntilAsync(() => GuardRig.CountWithArgument(_rig.DataDirectory) == 1);
        var guard = _rig.Guard();
        await GuardProcess.EnsureRunningAsync(_rig.Command(30_000), _rig.DataDirectory, _rig.Cancel);
        Assert.Equal(guard, _rig.Guard());
    }

    [Fact]
    public async Task A_guard_that_does_not_answer_is_replaced()
    {
        var guard = await _rig.StartGuardAsync();
        await _rig.DisconnectAsync();
        guard.Signal(19);
        await _rig.UntilAsync(() => ProcStat.Read(guard.Pid) is { State: 'T' });

        await _rig.StartGuardAsync();

        Assert.NotEqual(guard, _rig.Guard());
        Assert.False(guard.IsRunning);
    }

    [Fact]
    public async Task The_guard_is_out_of_the_workers_session_and_holds_nothing_of_it()
    {
        var guard = await _rig.StartGuardAsync();

        Assert.Equal(guard.Pid, ProcStat.Read(guard.Pid)!.Value.Session);
        Assert.Equal("/", new FileInfo($"/proc/{guard.Pid}/cwd").LinkTarget);
        Assert.Equal("/dev/null", new FileInfo($"/proc/{guard.Pid}/fd/0").LinkTarget);
        Assert.Equal(ProcessLayout.LogFile(_rig.DataDirectory), new FileInfo($"/proc/{guard.Pid}/fd/1").LinkTarget);
    }

    [Fact]
    public async Task A_process_finds_nothing_in_its_guards_environment_that_is_not_named_for_it()
    {
        Environment.SetEnvironmentVariable("DISPATCH_WORKER_TOKEN", "guard-canary");
        try
        {
            await _rig.StartGuardAsync();
        }
        finally
        {
            Environment.SetEnvironmentVariable("DISPATCH_WORKER_TOKEN", null);
        }

        var plan = _rig.Plan("sh", "-c", "tr '\\0' '\\n' </proc/$PPID/environ");
        await _rig.StartAsync(plan);
        await _rig.Runtime.WaitAsync(plan.Name, _rig.Cancel);

        var names = _rig.Sink.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('=')[0]).ToArray();
        Assert.Contains("PATH", names);
        Assert.Empty(names.Except([.. ChildEnvironment.Names, "DOTNET_gcServer", "DOTNET_gcConcurrent", "DOTNET_TieredPGO", "DOTNET_GCgen0size", "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"]));
    }

    [Fact]
    public async Task A_guard_that_cannot_start_says_why()
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() =>
            GuardProcess.EnsureRunningAsync(new GuardCommand("/bin/sh", ["-c", "echo no wings; exit 4"]), _rig.DataDirectory, _rig.Cancel));

        Assert.Equal(ErrorCode.RuntimeUnavailable, error.Code);
        Assert.Contains("no wings", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_guard_uses_next_to_no_cpu()
    {
        var guard = await _rig.StartGuardAsync();
        await _rig.StartAsync(_rig.Plan("sleep", "300"));
        await Task.Delay(1000, _rig.Cancel);
        var before = CpuTicks(guard.Pid);
        await Task.Delay(4000, _rig.Cancel);

        // Of 400 ticks that have passed.
        Assert.InRange(CpuTicks(guard.Pid) - before, 0, 12);
    }

    /// <summary>The folders of a guard in the hierarchies of cgroups, with those of its processes.</summary>
    private static List<string> Cgroups(GuardRig rig)
    {
        var every = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        var own = Directory.GetDirectories("/sys/fs/cgroup", GuardProgram.CgroupName(rig.DataDirectory), every);
        return [.. own, .. own.SelectMany(Directory.GetDirectories)];
    }

    private List<string> ReadyCgroups() => [.. Cgroups(_rig).Where(folder => Path.GetFileName(folder) == ReadyCgroup.Name)];

    private bool IsReady() => ReadyCgroups() is { Count: > 0 } ready && ready.All(folder =>
        ProcFile.Numbers(ProcFile.Read(folder + "/tasks") ?? []) is [var thread] && Directory.Exists($"/proc/{_rig.Guard()?.Pid}/task/{thread}"));

    private static long CpuTicks(int pid) =>
        File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ')[11..13].Sum(text => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
}
