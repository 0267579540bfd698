using System.Diagnostics;
using Dispatch.Runtimes.Host;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

/// <summary>What a real guard does about containers of other runtimes.</summary>
public sealed class GuardContainerTests : IAsyncLifetime
{
    private readonly GuardRig _rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task A_container_is_killed_through_its_runtime_when_its_permission_ends_and_the_guard_leaves()
    {
        await File.WriteAllTextAsync(_rig.KillFile + ".gone", "");
        var guard = await _rig.StartGuardAsync(workerAwayMs: 2_000);
        var folder = Attempt("docker", "c-1", TimeSpan.FromSeconds(1.5), null);
        await _rig.DisconnectAsync();

        await Task.Delay(800, _rig.Cancel);
        Assert.False(File.Exists(_rig.KillFile));
        PermissionFile.Renew(folder, Ends(TimeSpan.FromSeconds(1.5)));
        await Task.Delay(1000, _rig.Cancel);
        Assert.False(File.Exists(_rig.KillFile));

        await _rig.UntilAsync(() => !guard.IsRunning);
        Assert.Equal("docker c-1\n", await File.ReadAllTextAsync(_rig.KillFile));
    }

    [Fact]
    public async Task A_container_whose_runtime_does_not_answer_is_killed_by_its_process()
    {
        await File.WriteAllTextAsync(_rig.KillFile + ".silent", "");
        using var container = Process.Start("sleep", "300");
        await _rig.StartGuardAsync(workerAwayMs: 2_000);
        Attempt("docker", "c-2", TimeSpan.FromSeconds(0.5), ProcessIdentity.Of(container.Id));
        var clock = Stopwatch.StartNew();

        await container.WaitForExitAsync(_rig.Cancel);

        Assert.Equal(137, container.ExitCode);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(15));
        Assert.StartsWith("docker c-2\n", await File.ReadAllTextAsync(_rig.KillFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_only_has_the_containers_number_is_left_alone()
    {
        using var other = Process.Start("sleep", "300");
        await _rig.StartGuardAsync(workerAwayMs: 2_000);
        var identity = ProcessIdentity.Of(other.Id)!.Value;
        Attempt("docker", "c-3", TimeSpan.Zero, identity with { StartTicks = identity.StartTicks - 1 });

        await _rig.UntilAsync(() => File.Exists(_rig.KillFile) && File.ReadAllLines(_rig.KillFile).Length >= 2);

        Assert.False(other.HasExited);
        other.Kill();
    }

    [Fact]
    public async Task What_appears_after_its_permission_ended_is_ended_too()
    {
        // A start was under way: the name is known, the container is not there yet, and the worker never comes back.
        await _rig.StartGuardAsync(workerAwayMs: 30_000);
        Attempt("docker", "name-only", TimeSpan.Zero, null);

        await _rig.UntilAsync(() => File.Exists(_rig.KillFile) && File.ReadAllLines(_rig.KillFile).Length >= 3);

        Assert.All(await File.ReadAllLinesAsync(_rig.KillFile), line => Assert.Equal("docker name-only", line));
    }

    private static long Ends(TimeSpan after) => BootClock.Instance.GetTimestamp() + (after.Ticks * 100);

    private string Attempt(string runtime, string container, TimeSpan after, ProcessIdentity? process)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_rig.DataDirectory, PermissionFile.AttemptsFolder, container)).FullName;
        PermissionFile.Write(folder, new Permission
        {
            EndsAtNanoseconds = Ends(after),
            BootId = HostIdentity.Read().BootId,
            Lease = "lease",
            Runtime = runtime,
            ContainerId = container,
            Process = process,
        });
        return folder;
    }
}
