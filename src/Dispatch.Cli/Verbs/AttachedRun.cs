using System.Runtime.InteropServices;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;

namespace Dispatch.Cli.Verbs;

/// <summary>A job with somebody watching: its output goes to the right streams until it ends, or until an interrupt is answered.</summary>
internal sealed class AttachedRun(DispatchClient client, JobId job, OutputFormat format) : IDisposable
{
    private readonly CancellationTokenSource leave = new();
    private static readonly TimeSpan SameInterrupt = TimeSpan.FromSeconds(1);
    private long? firstInterrupt;

    /// <summary>Streams until the end.</summary>
    /// <returns>The exit code of the verb.</returns>
    public async Task<int> RunAsync()
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Interrupted(context, mayAsk: true));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Interrupted(context, mayAsk: false));
        try
        {
            var note = WaitingNote.TellAsync(client, job, leave.Token);
            await StreamAsync().ConfigureAwait(false);
            await note.ConfigureAwait(false);
            var view = await FinalAsync().ConfigureAwait(false);
            return Show(view);
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            Screen.Note($"dispatch: {job} goes on; see it again with `dispatch logs -f {job}`");
            return ExitCodes.Success;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => leave.Dispose();

    /// <summary>With JSON on standard output, what the job prints goes to standard error.</summary>
    private async Task StreamAsync()
    {
        var stdout = format == OutputFormat.Json ? StandardStream.Error : StandardStream.Output;
        await foreach (var piece in client.FollowAsync(job, "?follow=true", leave.Token).ConfigureAwait(false))
        {
            var target = piece.Stream == "stderr" ? StandardStream.Error : stdout;
            await target.WriteAsync(piece.Bytes ?? [], leave.Token).ConfigureAwait(false);
        }
    }

    private async Task<JobView> FinalAsync()
    {
        while (true)
        {
            var view = await client.WaitAsync(job, TimeSpan.FromSeconds(30), leave.Token).ConfigureAwait(false);
            if (view.State == JobState.Closed)
                return view;
        }
    }

    private int Show(JobView view)
    {
        if (format == OutputFormat.Json)
            Screen.Json(view);
        else if (view.Error is { } error && error is not Contracts.Errors.ErrorCode.NonZeroExit)
            Screen.Note($"dispatch: {job}: {error}: {view.Message}");
        return JobExit.CodeOf(view);
    }

    private void Interrupted(PosixSignalContext context, bool mayAsk)
    {
        context.Cancel = true;
        var first = firstInterrupt is null;
        firstInterrupt ??= TimeProvider.System.GetTimestamp();

        // A group and its leader are often told both, within milliseconds: that is one wish.
        if (!first && TimeProvider.System.GetElapsedTime(firstInterrupt.Value) < SameInterrupt)
            return;
        var asks = mayAsk && first && !Console.IsInputRedirected && !Console.IsErrorRedirected;
        _ = Task.Run(() => AnswerAsync(asks, now: !first));
    }

    private async Task AnswerAsync(bool ask, bool now)
    {
        if (ask)
        {
            Console.Error.Write($"\ndispatch: stop {job}, or leave it running? [s/l] ");
            var answer = Console.ReadLine();
            if (answer is not null && answer.Trim().StartsWith("l", StringComparison.OrdinalIgnoreCase))
            {
                await leave.CancelAsync().ConfigureAwait(false);
                return;
            }
        }

        try
        {
            var request = new StopRequest
            {
                Mode = now ? StopMode.Now : StopMode.Graceful,
                RequestedBy = $"{Environment.UserName}@{Environment.MachineName}",
                Reason = "run was interrupted",
            };
            Screen.Note($"dispatch: stopping {job}{(now ? " now" : "")}");
            await client.CommandAsync(ApiPaths.Stop(job), request, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or CliException)
        {
            Screen.Note($"dispatch: {job} could not be stopped: {e.Message}");
        }
    }
}
