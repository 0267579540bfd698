using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Dispatch.Benchmarks.Stack;

/// <summary>One role of the executable under measurement, as a process of its own.</summary>
internal sealed partial class RoleProcess : IAsyncDisposable
{
    public const int Sigterm = 15;
    private const int Sigkill = 9;
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _line = new(0);

    private RoleProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
        {
            _ended.TrySetResult();
            _line.Release();
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>Starts it and waits until it says a text.</summary>
    public static async Task<RoleProcess> StartAsync(string program, IReadOnlyList<string> arguments, string readyText)
    {
        var role = Start(program, arguments);
        try
        {
            await role.UntilSaidAsync(readyText, TimeSpan.FromSeconds(60));
            return role;
        }
        catch
        {
            await role.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it.</summary>
    public static RoleProcess Start(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        var process = Process.Start(start) ?? throw new BenchmarkException($"{program} could not be started.");
        process.StandardInput.Close();
        return new RoleProcess(process);
    }

    /// <summary>Waits until it says a text.</summary>
    public async Task UntilSaidAsync(string text, TimeSpan within)
    {
        using var late = new CancellationTokenSource(within);
        while (!Said.Contains(text, StringComparison.Ordinal))
        {
            if (_process.HasExited)
                throw new BenchmarkException($"`dispatch {string.Join(' ', _process.StartInfo.ArgumentList)}` ended with {_process.ExitCode} before it said '{text}':\n{Said}");
            try
            {
                await _line.WaitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                throw new BenchmarkException($"`dispatch {string.Join(' ', _process.StartInfo.ArgumentList)}` did not say '{text}' within {within.TotalSeconds:0} s:\n{Said}");
            }
        }
    }

    /// <summary>Waits until it ends by itself, which must be with 0.</summary>
    public async Task EndAsync()
    {
        await _ended.Task;
        if (_process.ExitCode != 0)
            throw new BenchmarkException($"`dispatch {string.Join(' ', _process.StartInfo.ArgumentList)}` ended with {_process.ExitCode}:\n{Said}");
    }

    /// <summary>SIGKILL, as a crash would.</summary>
    public async Task CrashAsync()
    {
        _ = Kill(_process.Id, Sigkill);
        await _ended.Task;
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited)
            throw new BenchmarkException($"`dispatch {string.Join(' ', _process.StartInfo.ArgumentList)}` ended with {_process.ExitCode} while it was measured:\n{Said}");
        _ = Kill(_process.Id, Sigterm);
        await Task.WhenAny(_ended.Task, Task.Delay(EndWithin));
        if (!_process.HasExited)
            throw new BenchmarkException($"`dispatch {string.Join(' ', _process.StartInfo.ArgumentList)}` did not end within {EndWithin.TotalSeconds:0} s of SIGTERM.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await CrashAsync();
        _process.Dispose();
        _line.Dispose();
    }

    /// <summary>Signals a process of the stack that is not a role started here.</summary>
    public static void Signal(int processId, int signal) => _ = Kill(processId, signal);

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_said)
            _said.AppendLine(line);
        _line.Release();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
