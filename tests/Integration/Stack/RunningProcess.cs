using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Dispatch.Integration.Tests.Stack;

/// <summary>A process that a test started: both outputs apart, ended by its pid.</summary>
public sealed partial class RunningProcess : IAsyncDisposable
{
    public const int Sigint = 2;
    public const int Sigkill = 9;
    public const int Sigterm = 15;
    private static readonly TimeSpan PipesCloseWithin = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Captured _stdout = new();
    private readonly Captured _stderr = new();
    private readonly Task _pumps;
    private readonly string _shown;

    private RunningProcess(Process process, string shown)
    {
        _process = process;
        _shown = shown;
        _pumps = Task.WhenAll(_stdout.PumpAsync(process.StandardOutput.BaseStream), _stderr.PumpAsync(process.StandardError.BaseStream));
    }

    /// <summary>The executable of this build.</summary>
    public static string Dispatch { get; } = typeof(RunningProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "DispatchExecutable").Value!;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Out => _stdout.Text;

    public string Error => _stderr.Text;

    public byte[] OutBytes => _stdout.Bytes;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>Starts the executable under test.</summary>
    public static RunningProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? stdin = "") =>
        StartProgram(Dispatch, arguments, environment, stdin);

    /// <summary>Starts any program. Standard input is the text given; null leaves it open.</summary>
    public static RunningProcess StartProgram(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? stdin = "")
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
        var running = new RunningProcess(process, $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)}");
        if (stdin is null)
            return running;
        process.StandardInput.Write(stdin);
        process.StandardInput.Close();
        return running;
    }

    /// <summary>Waits until standard output holds a text.</summary>
    public Task UntilOutAsync(string text, TimeSpan? within = null) => UntilAsync(text, () => Out, within);

    /// <summary>Waits until standard error holds a text.</summary>
    public Task UntilErrorAsync(string text, TimeSpan? within = null) => UntilAsync(text, () => Error, within);

    /// <summary>Waits for the end.</summary>
    public async Task<Finished> EndAsync(TimeSpan? within = null)
    {
        var limit = within ?? Deadlines.Verb;
        try
        {
            using var late = new CancellationTokenSource(limit);
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"`{_shown}` did not end within {limit.TotalSeconds:0} s.\n--- stdout\n{Out}\n--- stderr\n{Error}");
        }

        // Whoever else holds the pipes would keep a reader of ours waiting for ever: that is a fault of its own.
        await Task.WhenAny(_pumps, Task.Delay(PipesCloseWithin));
        Assert.True(_pumps.IsCompleted, $"`{_shown}` has ended, but another process holds its output open.");
        return new(_process.ExitCode, _stdout.Bytes, _stderr.Bytes);
    }

    public void Signal(int signal)
    {
        if (!_process.HasExited)
            _ = Kill(_process.Id, signal);
    }

    /// <summary>SIGKILL, as a crash would.</summary>
    public async Task CrashAsync()
    {
        Signal(Sigkill);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await CrashAsync();
        _process.Dispose();
    }

    private async Task UntilAsync(string text, Func<string> output, TimeSpan? within)
    {
        var limit = within ?? Deadlines.Role;
        var since = Stopwatch.GetTimestamp();
        while (!output().Contains(text, StringComparison.Ordinal))
        {
            var ended = _process.HasExited && _pumps.IsCompleted && !output().Contains(text, StringComparison.Ordinal);
            Assert.False(ended || Stopwatch.GetElapsedTime(since) > limit, $"`{_shown}` did not print '{text}'{(ended ? $" and ended with {_process.ExitCode}" : "")}.\n--- stdout\n{Out}\n--- stderr\n{Error}");
            await Task.Delay(25);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
