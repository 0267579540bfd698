using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dispatch.Engine.Frontend;

/// <summary>
/// Answers what is no proper call the way the real server does: other methods and content types, malformed time-outs, unknown
/// services and methods. Proper calls get what the protocol's reference implementation adds to its trailers.
/// </summary>
internal sealed class TransportRules
{
    private const string Plain = "application/grpc";

    /// <summary>
    /// What hosting says of frames that it can't read, and what the real server says: official clients know by the first that sending the same
    /// again is of no use. A handler never fails with the last, for refusals and failures are statuses by then.
    /// </summary>
    private static readonly (string Hosting, string Status, string Message)[] FrameFailures =
    [
        ("Received message exceeds the maximum configured message size", "8", $"grpc: received message larger than max ({GrpcHosting.RequestBytesMax})"),
        ("Incomplete message.", "2", "unexpected EOF"),
        ("Exception was thrown by handler.", "13", "grpc: received unexpected payload format"),
    ];

    private readonly RequestDelegate next;
    private readonly MethodTable methods;

    public TransportRules(RequestDelegate next, MethodTable methods)
    {
        this.next = next;
        this.methods = methods;
    }

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            return Refuse(context, 405, 13, $"Received a HEADERS frame with :method \"{request.Method}\" which should be POST");
        }

        var contentType = request.ContentType ?? "";
        if (!IsGrpc(contentType))
        {
            return Refuse(context, 415, 3, $"invalid gRPC request content-type \"{contentType}\"");
        }

        if (GrpcTimeout.Complaint(request.Headers["grpc-timeout"]) is { } complaint)
        {
            return Refuse(context, 400, 13, $"malformed grpc-timeout: {complaint}");
        }

        var path = request.Path.Value ?? "";
        return methods.IsServed(path) ? ServeAsync(context, contentType) : Refuse(context, 200, 12, Unknown(path));
    }

    private async Task ServeAsync(HttpContext context, string contentType)
    {
        if (contentType.Length > Plain.Length)
        {
            context.Response.OnStarting(() =>
            {
                context.Response.ContentType = contentType;
                return Task.CompletedTask;
            });
        }

        await next(context).ConfigureAwait(false);
        var headers = context.Response.Headers;
        if (!context.Response.HasStarted && headers["grpc-message"].ToString() is { Length: > 0 } said)
        {
            foreach (var (_, status, message) in FrameFailures.Where(failure => said.StartsWith(failure.Hosting, StringComparison.Ordinal)))
            {
                (headers["grpc-status"], headers["grpc-message"]) = (status, message);
            }
        }

        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        if (trailers is { IsReadOnly: false } && trailers.ContainsKey("grpc-status") && !trailers.ContainsKey("grpc-message"))
        {
            trailers["grpc-message"] = "";
        }
    }

    private static bool IsGrpc(string contentType) =>
        contentType.StartsWith(Plain, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == Plain.Length || contentType[Plain.Length] is '+' or ';');

    private string Unknown(string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash <= 0)
        {
            return $"malformed method name: \"{path}\"";
        }

        var service = path[1..slash];
        return methods.IsService(service)
            ? $"unknown method {path[(slash + 1)..]} for service {service}"
            : $"unknown service {service}";
    }

    private static Task Refuse(HttpContext context, int httpStatus, int grpcStatus, string message)
    {
        var response = context.Response;
        response.StatusCode = httpStatus;
        response.ContentType = Plain;
        response.Headers["grpc-status"] = grpcStatus.ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = message.Replace("%", "%25", StringComparison.Ordinal);
        return Task.CompletedTask;
    }
}
