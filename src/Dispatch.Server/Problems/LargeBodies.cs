using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dispatch.Server.Problems;

/// <summary>
/// Refuses a body that says it is larger than is taken. It is read to its end and thrown away first: many clients look for the answer only once they have sent all, and to them
/// a connection that is closed meanwhile is a broken one.
/// </summary>
internal static class LargeBodies
{
    /// <summary>Above this nothing is read: the connection is closed with the answer.</summary>
    public const long DrainedBytesMax = 64 << 20;

    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(20);

    /// <summary>Called before anything reads the body.</summary>
    public static async Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.ContentLength is not (> ServerSetup.BodyBytesMax and <= DrainedBytesMax) || context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } limit)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        // A client that waits to be told to go on has sent nothing yet.
        if (context.Request.Headers.Expect.Count == 0)
        {
            limit.MaxRequestBodySize = DrainedBytesMax;
            using var until = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            until.CancelAfter(DrainWithin);
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null, until.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                // So slow a client learns it from the connection's end.
            }
        }

        throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
    }
}
