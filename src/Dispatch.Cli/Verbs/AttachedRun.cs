using System.Runtime.InteropServices;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;

namespace Dispatch.Cli.Verbs;

/// <summary>A job with somebody watching: its output goes to the right streams until it ends, or until an interrupt is answered.</summary>
internal sealed class AttachedRun : IDisposable
{
    private static readonly TimeSpan SameInterrupt = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource leave = new();
    private readonly TaskCompletionSource<JobId> accepted = new();
    private readonly DispatchClient client;
    private readonly OutputFormat format;
    private readonly PosixSignalRegistration[] signals;
    private long? firstInterrupt;

    /// <summary>From here on an interrupt is answered by stopping the job, also while it is being submitted.</summary>
    public AttachedRun(DispatchClient client, OutputFormat format)
    {
        (this.client, this.format) = (client, format);
        signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Interrupted(context, mayAsk: true)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Interrupted(context, mayAsk: false)),
        ];
    }

    /// <summary>Streams until the end.</summary>
    /// <param name="job">The job, which was submitted.</param>
    /// <returns>The exit code of the verb.</returns>
    public async Task<int> RunAsync(JobId job)
    {
        accepted.SetResult(job);
        var patience = new Patience(job, "logs -f", Screen.Note, TimeProvider.System);
        patience.Answered();
        try
        {
            var note = WaitingNote.TellAsync(client, job, leave.Token);
            await StreamAsync(job, patience).ConfigureAwait(false);
            await note.ConfigureAwait(false);
            return Show(await FinalAsync(job, patience).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            Screen.Note($"dispatch: {job} goes on; see it again with `dispatch logs -f {job}`");
            return ExitCodes.Success;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signal in signals)
            signal.Dispose();
        leave.Dispose();
    }

    /// <summary>With JSON on standard output, what the job prints goes to standard error.</summary>
    private async Task StreamAsync(JobId job, Patience patience)
    {
        var attempts = new AttemptNote(job, Screen.Note);
        var stdout = format == OutputFormat.Json ? StandardStream.Error : StandardStream.Output;
        await foreach (var piece in client.FollowAsync(job, "?follow=true", patience, leave.Token).ConfigureAwait(false))
        {
            attempts.Saw(piece);
            var target = piece.Stream == "stderr" ? StandardStream.Error : stdout;
            await target.WriteAsync(piece.Bytes ?? [], leave.Token).ConfigureAwait(false);
        }
    }

    private async Task<JobView> FinalAsync(JobId job, Patience patience)
    {
        while (true)
        {
            var view = await patience.AskAsync(() => client.WaitAsync(job, TimeSpan.FromSeconds(30), leave.Token), leave.Token).ConfigureAwait(false);
            if (view.State == JobState.Closed)
                return view;
        }
    }

    private int Show(JobView view)
    {
        if (format == OutputFormat.Json)
            Screen.Json(view);
        else if (view.Error is { } error && error is not Contracts.Errors.ErrorCode.NonZeroExit)
            Screen.Note($"dispatch: {view.Id}: {error}: {view.Message}");
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
        if (!accepted.Task.IsCompleted)
            Screen.Note(first ? "dispatch: interrupted while the job is submitted; as soon as the server has answered, it is stopped" : "dispatch: the job may run; `dispatch list` shows it");
        context.Cancel = first || accepted.Task.IsCompleted;
        var asks = mayAsk && first && !Console.IsInputRedirected && !Console.IsErrorRedirected;
        _ = Task.Run(() => AnswerAsync(asks, now: !first));
    }

    private async Task AnswerAsync(bool ask, bool now)
    {
        var job = await accepted.Task.ConfigureAwait(false);
        if (ask && Leaves(job))
        {
            await leave.CancelAsync().ConfigureAwait(false);
            return;
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
        catch (Exception e) when (e is ApiException or CliException || Patience.IsOutage(e))
        {
            Screen.Note($"dispatch: {job} could not be stopped: {e.Message}");
        }
    }

    /// <summary>Asks until it is answered; somebody who has gone wants it stopped.</summary>
    private static bool Leaves(JobId job)
    {
        while (true)
        {
            Console.Error.Write($"\ndispatch: stop {job}, or leave it running? [s/l] ");
            switch (Console.ReadLine()?.Trim().ToUpperInvariant())
            {
                case "L" or "LEAVE":
                    return true;
                case null or "S" or "STOP":
                    return false;
            }
        }
    }
}
