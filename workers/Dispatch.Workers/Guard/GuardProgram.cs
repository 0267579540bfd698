using System.Security.Cryptography;
using System.Text;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>The guard's whole life: <c>dispatch guard --data DIR</c>.</summary>
public static class GuardProgram
{
    /// <summary>Another guard has the data directory.</summary>
    public const int AlreadyGuarded = 3;

    private const string CgroupPrefix = "dispatch-";
    private const int CgroupDigits = 12;
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(10);

    /// <summary>Runs a guard until its worker stays away and nothing runs, or until cancelled: then everything that it started is killed first.</summary>
    /// <remarks>Must be called in a process of its own: it adopts orphans and reaps every child.</remarks>
    /// <param name="options">What to guard.</param>
    /// <param name="cancellationToken">Ends the guard and all it started.</param>
    /// <returns>The exit code: 0, or <see cref="AlreadyGuarded"/>.</returns>
    public static async Task<int> RunAsync(GuardOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options with { DataDirectory = Path.GetFullPath(options.DataDirectory) };
        using var directoryLock = GuardLock.TryTake(options.DataDirectory);
        if (directoryLock is null)
        {
            return AlreadyGuarded;
        }

        OwnFiles.KeepFromChildren();
        OwnFiles.AdoptOrphans();
        var starts = new StartBook(options.DataDirectory);
        var host = HostIdentity.Read();
        using var cgroups = options.UseCgroups ? CgroupTree.Discover(CgroupName(options.DataDirectory)) : CgroupTree.None;
        var leftovers = new LeftoverFinder(cgroups);
        using var pump = new OutputPump();
        GuardServer? server = null;
        var finisher = new ProcessFinisher(options, starts, leftovers, () => server?.IsConnected == true);
        using var table = new ChildTable(new ProcessStarter(options, starts, pump, cgroups, host), finisher, options.Clock);
        await new Recovery(options, starts, cgroups, host).RunAsync(table, cancellationToken).ConfigureAwait(false);
        cgroups.RemoveAbandoned(IsCgroupName);
        table.Prepare();

        using var listener = GuardSocket.Listen(options.DataDirectory);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        server = new GuardServer(listener, table, cgroups.Missing, options.Logger);
        var serving = server.RunAsync(ending.Token);
        GuardLog.Listening(options.Logger, options.DataDirectory, cgroups.Missing);
        try
        {
            await new PermissionWatch(options, table, leftovers, server, directoryLock, host).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await KillAllAsync(table).ConfigureAwait(false);
        }

        await ending.CancelAsync().ConfigureAwait(false);
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static async Task KillAllAsync(ChildTable table)
    {
        var running = table.Running;
        foreach (var process in running)
        {
            table.Signal(process.Name, LinuxNumbers.SIGKILL);
        }

        await Task.WhenAny(Task.WhenAll(running.Select(process => process.Ended)), Task.Delay(EndMax, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>The name of the folder in the cgroup hierarchies: the same for every guard of a data directory.</summary>
    internal static string CgroupName(string dataDirectory) =>
        CgroupPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)))[..CgroupDigits];

    private static bool IsCgroupName(string name) =>
        name.Length == CgroupPrefix.Length + CgroupDigits && name.StartsWith(CgroupPrefix, StringComparison.Ordinal) && name[CgroupPrefix.Length..].All(char.IsAsciiHexDigitLower);
}
