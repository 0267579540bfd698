using Dispatch.Cli.Output;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dispatch.Cli.Roles;

/// <summary>Runs what a role hosts until a signal comes, or until one of its loops ends by itself: then the role says so and fails, for whoever supervises it to start it again.</summary>
internal static class RoleHost
{
    /// <summary>Waits for the end of a host that was started.</summary>
    public static async Task<int> WaitAsync(IHost host, string role, RoleSignals signals)
    {
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stopping.Register(() => ended.TrySetResult()).ConfigureAwait(false))
            await Task.WhenAny(ended.Task, signals.WaitAsync()).ConfigureAwait(false);
        if (signals.Ending.IsCancellationRequested)
            return ExitCodes.Success;
        Screen.Note($"dispatch: the role {role} ended by itself: one of its loops failed, see its log above");
        return ExitCodes.Failure;
    }
}
