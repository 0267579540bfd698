using System.Runtime.InteropServices;
using Dispatch.Contracts.Errors;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>Starts the guard of a data directory where none answers.</summary>
/// <remarks>The guard gets a session of its own and no stream of the worker's: neither the worker's death nor a Ctrl-C at its terminal reaches it. It writes to <c>guard/log</c>.</remarks>
public static class GuardProcess
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3), SilentMax = TimeSpan.FromSeconds(6), StartWithin = TimeSpan.FromSeconds(15), AskEvery = TimeSpan.FromMilliseconds(10);
    private const int LogTailCharacters = 2000;

    /// <summary>Makes sure that a guard answers: asks, kills one that has the directory but does not answer, starts one.</summary>
    /// <param name="command">How to start it.</param>
    /// <param name="dataDirectory">The worker's data directory.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when a guard has answered.</returns>
    /// <exception cref="RuntimeException"><see cref="ErrorCode.RuntimeUnavailable"/>: it could not be started; the text has the end of its log.</exception>
    public static async Task EnsureRunningAsync(GuardCommand command, string dataDirectory, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        dataDirectory = Path.GetFullPath(dataDirectory);
        if (await AnswersAsync(dataDirectory, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        if (GuardLock.Holder(ProcessLayout.LockFile(dataDirectory)) is { IsRunning: true } silent)
        {
            // It may be about to listen; one that stays silent holds the directory and must go.
            if (await AnswersWithinAsync(dataDirectory, SilentMax, () => false, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            silent.Signal(LinuxNumbers.SIGKILL);
        }

        var pid = Start(command, dataDirectory);
        var ended = new TaskCompletionSource<ChildEnd?>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => ended.SetResult(ChildWait.Reap(pid, block: true)), 64 << 10) { IsBackground = true, Name = "guard's end" }.Start();
        if (!await AnswersWithinAsync(dataDirectory, StartWithin, HasFailed, cancellationToken).ConfigureAwait(false))
        {
            throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The guard of {dataDirectory} was started and does not answer. {LogTail(dataDirectory)}");
        }

        // One that ended because another has the directory did not fail: the other is about to listen.
        bool HasFailed() => ended.Task is { IsCompletedSuccessfully: true, Result.Code: not GuardProgram.AlreadyGuarded };
    }

    private static int Start(GuardCommand command, string dataDirectory)
    {
        Directory.CreateDirectory(ProcessLayout.GuardFolder(dataDirectory));
        var stdin = OwnFiles.Open("/dev/null", append: false);
        var log = OwnFiles.Open(ProcessLayout.LogFile(dataDirectory), append: true);
        try
        {
            var error = PosixSpawn.Start(
                new SpawnRequest
                {
                    Program = command.Program,
                    Arguments = [command.Program, .. command.Arguments],
                    Environment = Environment(),
                    WorkingDirectory = "/",
                    Stdin = stdin,
                    Stdout = log,
                    Stderr = log,
                },
                out var pid);
            return error == 0
                ? pid
                : throw new RuntimeException(ErrorCode.RuntimeUnavailable, $"The guard ({command.Program}) cannot be started: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
        finally
        {
            OwnFiles.Close(stdin);
            OwnFiles.Close(log);
        }
    }

    /// <summary>What a child may have of the worker's, with the runtime set to be small: the guard mostly waits.</summary>
    private static string[] Environment()
    {
        var entries = ChildEnvironment.Read();
        entries["DOTNET_gcServer"] = "0";
        entries["DOTNET_gcConcurrent"] = "0";
        entries["DOTNET_TieredPGO"] = "0";
        entries["DOTNET_GCgen0size"] = "400000";

        // What follows a frame from its worker is short: no other thread is woken for it.
        entries["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        return [.. entries.Select(entry => $"{entry.Key}={entry.Value}")];
    }

    private static async Task<bool> AnswersWithinAsync(string dataDirectory, TimeSpan within, Func<bool> giveUp, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < within && !giveUp())
        {
            if (await AnswersAsync(dataDirectory, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            await Task.Delay(AskEvery, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    private static async Task<bool> AnswersAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(AnswerWithin);
        try
        {
            var client = await GuardClient.ConnectAsync(dataDirectory, late.Token).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
            {
                await client.HelloAsync(late.Token).ConfigureAwait(false);
                return true;
            }
        }
        catch (Exception error) when (error is RuntimeException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private static string LogTail(string dataDirectory)
    {
        var log = ProcFile.Read(ProcessLayout.LogFile(dataDirectory)) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes).Trim() : "";
        return log.Length == 0 ? "Its log is empty." : $"Its log ends: {log[Math.Max(0, log.Length - LogTailCharacters)..]}";
    }
}
