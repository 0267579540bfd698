using System.Diagnostics;
using System.Runtime.InteropServices;
using Dispatch.Workers;

namespace Dispatch.Cli.Demo;

/// <summary>Another process of this executable, ended by its pid.</summary>
internal sealed partial class RoleProcess : IDisposable
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;
    private readonly Process process;
    private readonly StreamWriter log;

    private RoleProcess(string name, Process process, StreamWriter log)
    {
        Name = name;
        this.process = process;
        this.log = log;
    }

    /// <summary>What it is called in the story.</summary>
    public string Name { get; }

    /// <summary>Its pid.</summary>
    public int Id => process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Starts this executable with a verb; what it prints goes to a file.</summary>
    public static RoleProcess Start(string name, string logFile, params string[] arguments)
    {
        var start = new ProcessStartInfo(SelfCommand.FileName) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])[.. SelfCommand.Arguments, .. arguments])
            start.ArgumentList.Add(argument);
        // The demo is of a Dispatch of its own, whatever others are set up here.
        start.Environment.Clear();
        foreach (var (variable, value) in ChildEnvironment.Read())
            start.Environment[variable] = value;
        var log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Write(log, line.Data);
        process.ErrorDataReceived += (_, line) => Write(log, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(name, process, log);
    }

    /// <summary>SIGKILL, as a crash would.</summary>
    public async Task KillAsync()
    {
        Signal(Sigkill);
        await process.WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>SIGTERM, then SIGKILL where it does not end in time.</summary>
    public async Task StopAsync(TimeSpan atMost)
    {
        Signal(Sigterm);
        using var late = new CancellationTokenSource(atMost);
        try
        {
            await process.WaitForExitAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await KillAsync().ConfigureAwait(false);
        }
    }

    /// <summary>SIGTERM, also to a process that another one started.</summary>
    public static void Stop(int pid) => _ = Kill(pid, Sigterm);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited)
            Signal(Sigkill);
        process.Dispose();
        log.Dispose();
    }

    private static void Write(StreamWriter log, string? line)
    {
        if (line is null)
            return;
        lock (log)
            log.WriteLine(line);
    }

    private void Signal(int signal)
    {
        if (!process.HasExited)
            _ = Kill(process.Id, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
