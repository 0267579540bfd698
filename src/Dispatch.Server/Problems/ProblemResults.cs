using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Registry;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Dispatch.Server.Problems;

/// <summary>Turns whatever a request met into problem details with a code of the catalogue.</summary>
internal static partial class ProblemResults
{
    /// <summary>A problem as an answer.</summary>
    public static IResult Of(Problem problem) => Results.Json(problem, DispatchJson.Options, Problem.MediaType, problem.Status);

    /// <summary>A problem as an answer, by its code.</summary>
    public static IResult Of(ErrorCode code, string detail) => Of(Problem.Of(code, detail));

    /// <summary>A problem that the catalogue has no code for.</summary>
    public static Problem WithoutCode(int status, string detail, string remedy) => Problem.WithoutCode(status, ReasonPhrases.GetReasonPhrase(status), detail, remedy);

    /// <summary>The handler of exceptions that no endpoint caught.</summary>
    public static async Task HandleAsync(HttpContext context, ILogger logger)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (error is null)
            return;
        if (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone, or the server goes: then another one, or this one started again, has the answer.
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var problem = From(error);
        // Of rows that contradict themselves the registry tells, and not at each call that meets them.
        if (problem.Code == ErrorCode.InternalError && error is not RowsContradictException)
        {
            // What Dispatch throws on purpose says all that there is to say; of anything else the place is wanted too.
            if (error is DispatchException)
                RequestRefused(logger, context.Request.Method, context.Request.Path, error.Message);
            else
                RequestFailed(logger, error, context.Request.Method, context.Request.Path);
        }

        await Of(problem with { Instance = context.Request.Path }).ExecuteAsync(context).ConfigureAwait(false);
    }

    /// <summary>The answer to a path that is not served, or a method it does not take.</summary>
    public static Task HandleStatusAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var detail = status switch
        {
            StatusCodes.Status404NotFound => $"Nothing is served at {context.Request.Path}; see /openapi/v1.json.",
            StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}.",
            StatusCodes.Status415UnsupportedMediaType => $"The content type is '{context.Request.ContentType ?? "missing"}'; send application/json.",
            StatusCodes.Status413PayloadTooLarge => $"The body is larger than {ServerSetup.BodyBytesMax} bytes; a job spec is at most 256 KiB.",
            _ => $"The request was refused with status {status}.",
        };
        return Of(WithoutCode(status, detail, "Correct the request; /openapi/v1.json describes it.") with { Instance = context.Request.Path }).ExecuteAsync(context);
    }

    private static Problem From(Exception error) => error switch
    {
        SpecRefused refused => Problem.Of(refused.Code, refused.Message, refused.Errors),
        CallRefused refused => Problem.Of(ErrorCode.InvalidJobSpec, refused.Message, refused.Errors) with { Title = CallRefused.Title, Remedy = CallRefused.Remedy },
        RowsContradictException broken => Problem.Of(broken.Code, broken.Message) with { Title = RowsContradictException.Title, Remedy = broken.Remedy },
        DispatchException dispatch => Problem.Of(dispatch.Code, dispatch.Message),
        BadHttpRequestException bad => BadRequests.Explain(bad),
        Temporalio.Exceptions.RpcException { Code: Temporalio.Exceptions.RpcException.StatusCode.Unavailable or Temporalio.Exceptions.RpcException.StatusCode.DeadlineExceeded } rpc =>
            Problem.Of(ErrorCode.InternalError, $"Temporal does not answer: {rpc.Message}") with { Status = StatusCodes.Status503ServiceUnavailable, Remedy = "See whether the Temporal server runs; the request may be repeated." },
        _ => Problem.Of(ErrorCode.InternalError, error.Message),
    };

    [LoggerMessage(EventId = 5002, Level = LogLevel.Error, Message = "{Method} {Path} failed: {Error}")]
    private static partial void RequestRefused(ILogger logger, string method, string path, string error);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);
}
