using System.Net.Sockets;
using Dispatch.Runtimes.Process;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Guard;

/// <summary>One worker's connection: reads questions in order, answers each when it is done.</summary>
internal sealed class GuardConnection(Socket socket, ChildTable table, string limits, ILogger logger) : IAsyncDisposable
{
    /// <summary>Most questions open at once on one connection, waits included; the next is read when one is answered.</summary>
    internal const int QuestionsMax = 8192;

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _questions = new(QuestionsMax, QuestionsMax);
    private readonly CancellationTokenSource _closed = new();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var head = new byte[sizeof(int)];
        while (await FrameReader.ReadAsync(_stream, head, cancellationToken).ConfigureAwait(false) is { } question)
        {
            await _questions.WaitAsync(cancellationToken).ConfigureAwait(false);
            _ = AnswerAsync(question);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AnswerAsync(FrameReader question)
    {
        try
        {
            var answer = await AskAsync(question).ConfigureAwait(false);
            await _writing.WaitAsync(_closed.Token).ConfigureAwait(false);
            try
            {
                await _stream.WriteAsync(answer.Frame(), _closed.Token).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (FrameException)
        {
            // The worker speaks another language: it learns so by the end of the connection.
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The worker is gone; it asks again when it is back.
        }
#pragma warning disable CA1031 // A fault here must end the connection, else the worker would wait for this answer for ever.
        catch (Exception error)
#pragma warning restore CA1031
        {
            GuardLog.AnswerFailed(logger, question.Kind, error);
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _questions.Release();
        }
    }

    private static FrameWriter Refusal(FrameReader question, int error, string message) =>
        new FrameWriter(GuardFrame.Refused, question.Number).Int(error).Text(message);

    private async Task<FrameWriter> AskAsync(FrameReader question)
    {
        var answer = new FrameWriter(question.Kind, question.Number);
        switch (question.Kind)
        {
            case GuardFrame.Hello:
                return answer.Int(GuardClient.Protocol).Int(Environment.ProcessId).Text(limits);
            case GuardFrame.Ping:
                return answer;
            case GuardFrame.Spawn:
                try
                {
                    return (await table.StartAsync(GuardSpawn.Read(question)).ConfigureAwait(false)).Write(answer);
                }
                catch (GuardRefusal refusal)
                {
                    return Refusal(question, refusal.Error, refusal.Message);
                }

            case GuardFrame.Signal:
                return answer.Bool(table.Signal(question.Text(), question.Int()));
            case GuardFrame.Wait when table.Find(question.Text()) is { } waited:
                return (await waited.Ended.WaitAsync(_closed.Token).ConfigureAwait(false)).Write(answer.Bool(true));
            case GuardFrame.Find when table.Find(question.Text()) is { } found:
                return found.Entry.Write(answer.Bool(true));
            case GuardFrame.Wait or GuardFrame.Find:
                return answer.Bool(false);
            case GuardFrame.List:
                var entries = table.Entries;
                answer.Int(entries.Count);
                foreach (var entry in entries)
                {
                    entry.Write(answer);
                }

                return answer;
            case GuardFrame.Forget:
                return answer.Bool(await table.ForgetAsync(question.Text()).ConfigureAwait(false));
            default:
                throw new FrameException($"A question of kind {(int)question.Kind} is not known.");
        }
    }
}
