using System.Text;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dispatch.Server.Logs;

/// <summary>The output of jobs: as server-sent events over all attempts, or the raw bytes of one stream from an offset.</summary>
internal static class LogEndpoints
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(ApiPaths.Jobs + "/{id}/logs").WithTags("logs");
        group.MapGet("", EventsAsync).WithSummary("Output as server-sent events; follow=true goes on until the job ends and its output has come, Last-Event-ID resumes");
        group.MapGet("/stdout", (string id, int? attempt, long? offset, bool? follow, HttpContext context, LogFollower follower) =>
            RawAsync(new(id), OutputStream.Stdout, attempt, offset ?? 0, follow ?? false, context, follower)).WithSummary("Raw bytes of standard output from an offset: of one attempt, or of all in order, the offset counted over all; follow=true breaks off where output is missing");
        group.MapGet("/stderr", (string id, int? attempt, long? offset, bool? follow, HttpContext context, LogFollower follower) =>
            RawAsync(new(id), OutputStream.Stderr, attempt, offset ?? 0, follow ?? false, context, follower)).WithSummary("Raw bytes of standard error from an offset: of one attempt, or of all in order, the offset counted over all; follow=true breaks off where output is missing");
    }

    private static async Task EventsAsync(string id, bool? follow, string? stream, int? attempt, string? cursor, HttpContext context, LogFollower follower)
    {
        var only = Stream(stream);
        var from = Position(context.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? cursor, attempt);

        // An unknown job is a problem document, not a stream that ends at once.
        var followed = await follower.FindAsync(new(id), context.RequestAborted).ConfigureAwait(false);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var pieces = follower.ReadAsync(followed, from, attempt, follow ?? false, over.Token).GetAsyncEnumerator(over.Token);
        await using var ended = pieces.ConfigureAwait(false);
        var next = pieces.MoveNextAsync().AsTask();
        try
        {
            await SendAsync(context, pieces, next, only, taken => next = taken).ConfigureAwait(false);
        }
        finally
        {
            // What is under way must have ended before its source is let go.
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(next).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(HttpContext context, IAsyncEnumerator<Followed> pieces, Task<bool> next, OutputStream? only, Action<Task<bool>> taken)
    {
        var token = context.RequestAborted;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.StartAsync(token).ConfigureAwait(false);
        var text = new Dictionary<(int, OutputStream), Utf8Text>();
        while (true)
        {
            while (await Task.WhenAny(next, Task.Delay(KeepAlive, token)).ConfigureAwait(false) != next)
                await WriteAsync(context, ": keep-alive\n\n", token).ConfigureAwait(false);
            if (!await next.ConfigureAwait(false))
                break;
            if (pieces.Current is Followed.Missing missing)
                await WriteAsync(context, Event(LogEvent.Missing, new() { Attempt = missing.Attempt, Text = missing.Text }), token).ConfigureAwait(false);
            else if (pieces.Current is Followed.Output output && (only is null || output.Piece.Stream == only))
                await WriteAsync(context, Event(output, text), token).ConfigureAwait(false);
            next = pieces.MoveNextAsync().AsTask();
            taken(next);
        }

        await WriteAsync(context, $"event: {LogEvent.End}\ndata: {{}}\n\n", token).ConfigureAwait(false);
    }

    private static string Event(Followed.Output output, Dictionary<(int, OutputStream), Utf8Text> decoders)
    {
        var (after, piece) = output;
        var key = (after.Attempt, piece.Stream);
        if (!decoders.TryGetValue(key, out var decoder))
            decoders[key] = decoder = new Utf8Text(midStream: piece.Offset > 0);
        var data = LogEvent.Of(after.Attempt, piece) with { Text = decoder.Append(piece.Bytes.Span) };
        return $"id: {after}\n{Event(LogEvent.Output, data)}";
    }

    private static string Event(string name, LogEvent data) => $"event: {name}\ndata: {JsonSerializer.Serialize(data, DispatchJson.Options)}\n\n";

    private static async Task RawAsync(JobId job, OutputStream stream, int? attempt, long offset, bool follow, HttpContext context, LogFollower follower)
    {
        if (offset < 0)
            throw new CallRefused([new("offset", offset.ToString(System.Globalization.CultureInfo.InvariantCulture), "must be 0 or more")]);
        var token = context.RequestAborted;
        var followed = await follower.FindAsync(job, token).ConfigureAwait(false);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";

        // One attempt can be begun at the offset; over several, the earlier ones have to be counted.
        var from = attempt is { } one ? new LogPosition(one, stream == OutputStream.Stdout ? new(offset, 0) : new(0, offset)) : new LogPosition(1, default);
        var skip = new JoinedOffset(attempt is null ? offset : 0);
        await foreach (var next in follower.ReadAsync(followed, from, attempt, follow, token).ConfigureAwait(false))
        {
            if (follow && next is Followed.Missing)
            {
                // Bytes have no other way to say that they are not all: it looks like the cut that it is.
                context.Abort();
                return;
            }

            if (next is not Followed.Output(var after, var piece) || piece.Stream != stream || skip.Rest(after.Attempt, piece) is not { IsEmpty: false } bytes)
                continue;
            await context.Response.Body.WriteAsync(bytes, token).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(token).ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(HttpContext context, string text, CancellationToken token)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), token).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(token).ConfigureAwait(false);
    }

    private static OutputStream? Stream(string? name) => name switch
    {
        null => null,
        "stdout" => OutputStream.Stdout,
        "stderr" => OutputStream.Stderr,
        _ => throw new CallRefused([new("stream", name, "must be stdout or stderr")]),
    };

    private static LogPosition Position(string? text, int? attempt)
    {
        if (text is null)
            return new(attempt ?? 1, default);
        return LogPosition.TryParse(text, out var position)
            ? position
            : throw new CallRefused([new("cursor", text, "is not one of ours: send the id of the last event as it was")]);
    }
}
