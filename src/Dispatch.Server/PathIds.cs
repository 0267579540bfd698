using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dispatch.Server;

/// <summary>Reads ids in paths from the path as it was sent: routing leaves an escaped slash as it is, and then nothing tells <c>a/b</c> from <c>a%2Fb</c>.</summary>
internal static class PathIds
{
    private const string Id = "id";

    /// <summary>Where the id stands when the path is cut at its slashes: /api/v1/jobs/ID and /api/v1/workers/ID.</summary>
    private const int Position = 4;

    /// <summary>Puts the id into the route's values; called between routing and the endpoint.</summary>
    public static Task DecodeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.RouteValues.ContainsKey(Id) && Segment(context.Features.Get<IHttpRequestFeature>()?.RawTarget) is { } segment)
            context.Request.RouteValues[Id] = Uri.UnescapeDataString(segment);
        return next(context);
    }

    /// <summary>The id's segment of a raw target, or null where the target has another form (an absolute one, a test server's).</summary>
    internal static string? Segment(string? target)
    {
        if (target is not ['/', ..])
            return null;
        var end = target.IndexOf('?', StringComparison.Ordinal);
        return (end < 0 ? target : target[..end]).Split('/') is { Length: > Position } segments ? segments[Position] : null;
    }
}
