using System.Runtime.InteropServices;

namespace Dispatch.Cli.Roles;

/// <summary>Tells a role that runs on when it shall end: Ctrl-C or SIGTERM.</summary>
internal sealed class RoleSignals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];

    /// <summary>Listens from now on.</summary>
    public RoleSignals()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            registrations.Add(PosixSignalRegistration.Create(signal, End));
    }

    /// <summary>Cancelled when the role shall end.</summary>
    public CancellationToken Ending => source.Token;

    /// <summary>Ends the role as a signal would.</summary>
    public void Stop() => source.Cancel();

    /// <summary>Waits for the signal.</summary>
    public async Task WaitAsync()
    {
        var ended = new TaskCompletionSource();
        await using (Ending.Register(ended.SetResult).ConfigureAwait(false))
            await ended.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        source.Cancel();
    }
}
