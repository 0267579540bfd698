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
    private const int ErrorCharactersMax = 300;

    /// <summary>Sends one message and reads the answer.</summary>
    /// <exception cref="DispatchException"><see cref="ErrorCode.RegistryUnavailable"/>: the server cannot be reached, or did not answer as a server does.</exception>
    internal async Task<TAnswer> CallAsync<TMessage, TAnswer>(string path, TMessage message, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(path, message, cancellationToken).ConfigureAwait(false);
        try
        {
            return await response.Content.ReadFromJsonAsync<TAnswer>(DispatchJson.Options, cancellationToken).ConfigureAwait(false)
                ?? throw Unavailable($"{Target(path)} answered with nothing.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException)
        {
            throw Unavailable($"{Target(path)} broke off its answer: {broken.Message}", broken);
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
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            throw Refused(path, response.StatusCode, text);
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException || (unreachable is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            response?.Dispose();
            throw Unavailable($"{Target(path)} cannot be reached: {unreachable.Message}", unreachable);
        }
        catch
        {
            response?.Dispose();
            throw;
        }
    }

    /// <summary>A problem of the catalogue is told as that; whatever else answers is no server.</summary>
    private DispatchException Refused(string path, HttpStatusCode status, string text)
    {
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return new WorkerTokenRefused(token() is { Length: > 0 }
                ? $"The server at {server} does not take the worker token: give the worker the token that the server was started with."
                : $"The server at {server} asks for a worker token, and the worker has none: give it the one that the server was started with.");
        }

        try
        {
            if ((int)status is >= 400 and < 500 && JsonSerializer.Deserialize<Problem>(text, DispatchJson.Options) is { } problem)
            {
                return new(problem.Code ?? ErrorCode.InternalError, problem.Detail ?? problem.Title);
            }
        }
        catch (JsonException)
        {
            // No problem document: told by its status.
        }

        return Unavailable($"{Target(path)} answered {(int)status}: {(text.Length > ErrorCharactersMax ? text[..ErrorCharactersMax] : text)}");
    }

    private string Target(string path) => $"The server at {server} ({path})";

    private static DispatchException Unavailable(string message, Exception? cause = null) => new(ErrorCode.RegistryUnavailable, message, cause);
}
