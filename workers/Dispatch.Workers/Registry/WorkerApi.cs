using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;

namespace Dispatch.Workers.Registry;

/// <summary>Calls of the server's worker API: JSON in, JSON out, a bearer token, one outcome for everything that is not an answer.</summary>
internal sealed class WorkerApi(HttpClient http, Uri server, Func<string?> token)
{
    /// <summary>Sends one message and reads the answer.</summary>
    /// <exception cref="DispatchException"><see cref="ErrorCode.RegistryUnavailable"/>: the server cannot be reached, or did not answer as a server does.</exception>
    internal async Task<TAnswer> CallAsync<TMessage, TAnswer>(string path, TMessage message, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(path, message, cancellationToken).ConfigureAwait(false);
        try
        {
            return await response.Content.ReadFromJsonAsync<TAnswer>(DispatchJson.Options, cancellationToken).ConfigureAwait(false)
                ?? throw Unavailable($"{Asked(response.RequestMessage!)} answered with nothing.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException)
        {
            throw Unavailable($"{Asked(response.RequestMessage!)} broke off its answer: {broken.Message}", broken);
        }
    }

    /// <summary>Sends one message that has no answer but its success.</summary>
    /// <exception cref="DispatchException"><see cref="ErrorCode.RegistryUnavailable"/>: as above.</exception>
    internal async Task TellAsync<TMessage>(string path, TMessage message, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(path, message, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync<TMessage>(string path, TMessage message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path)) { Content = JsonContent.Create(message, options: DispatchJson.Options) };
        if (token() is { Length: > 0 } secret)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        HttpResponseMessage? response = null;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            response.RequestMessage ??= request;
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            throw Refused(request, response, text);
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException || (unreachable is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            response?.Dispose();
            throw Unavailable($"{Asked(request)} cannot be reached: {unreachable.Message}", unreachable);
        }
        catch
        {
            response?.Dispose();
            throw;
        }
    }

    /// <summary>A problem of the catalogue is told as that; whatever else answers is no server, and told by its status.</summary>
    private DispatchException Refused(HttpRequestMessage request, HttpResponseMessage response, string text)
    {
        var status = response.StatusCode;
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return new WorkerTokenRefused(token() is { Length: > 0 }
                ? $"The server at {Address(request)} does not take the worker token: give the worker the token that the server was started with."
                : $"The server at {Address(request)} asks for a worker token, and the worker has none: give it the one that the server was started with.");
        }

        if (ReadProblem(text) is not { } problem)
        {
            return Unavailable($"{Asked(request)} answered {(int)status} ({response.ReasonPhrase}).");
        }

        return (int)status is >= 400 and < 500
            ? new(problem.Code ?? ErrorCode.InternalError, problem.Detail ?? problem.Title)
            : Unavailable($"{Asked(request)} answered {(int)status}: {problem.Detail ?? problem.Title}");
    }

    private static Problem? ReadProblem(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Problem>(text, DispatchJson.Options);
        }
        catch (JsonException)
        {
            // No problem document.
            return null;
        }
    }

    /// <summary>Who was asked, and for what: where several servers stand in for each other, the one that was asked last.</summary>
    private static string Asked(HttpRequestMessage request) => $"The server at {Address(request)} ({request.RequestUri!.AbsolutePath})";

    private static string Address(HttpRequestMessage request) => request.RequestUri!.GetLeftPart(UriPartial.Authority);

    private static DispatchException Unavailable(string message, Exception? cause = null) => new(ErrorCode.RegistryUnavailable, message, cause);
}
