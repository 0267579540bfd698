using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dispatch.Contracts.Errors;
using Docker.DotNet;

namespace Dispatch.Runtimes.Docker;

/// <summary>The way to the engine: every request bounded in time, every failure to get an answer named <c>RuntimeUnavailable</c>.</summary>
internal sealed class EngineConnection : IDisposable
{
    /// <summary>Looks at one thing that just ends, before the fault is passed on.</summary>
    private const int LooksMax = 5;

    private readonly TimeSpan _requestTimeout;
    private readonly EngineEndpoint _endpoint;
    private readonly SharedWork<EngineDialect> _learning = new();
    private EngineDialect? _dialect;

    public EngineConnection(EngineEndpoint endpoint, TimeSpan requestTimeout, TimeSpan describeTimeout)
    {
        _endpoint = endpoint;
        _requestTimeout = requestTimeout;
        DescribeTimeout = describeTimeout;
        // Each request has its own bound here; the client's would cut the longer ones short.
        Client = new DockerClientBuilder().WithEndpoint(endpoint.Address).WithTimeout(Timeout.InfiniteTimeSpan).Build();
    }

    /// <summary>How long the engine may take to say what it is.</summary>
    public TimeSpan DescribeTimeout { get; }

    public DockerClient Client { get; }

    /// <summary>Where the engine is.</summary>
    public Uri Address => _endpoint.Address;

    /// <summary>Whether the engine is on this host, so that paths it tells mean the same here.</summary>
    public bool IsLocal => Address.Scheme == "unix";

    /// <summary>The engine's dialect, once it has answered; Docker's before.</summary>
    public EngineDialect Dialect => _dialect ?? EngineDialect.Docker;

    /// <summary>Asks for the engine's dialect the first time. It is asked once however many want to know: Podman looks up the packages of its helpers for the answer.</summary>
    public async Task<EngineDialect> LearnDialectAsync(CancellationToken cancellationToken) => _dialect
        ?? await _learning.JoinAsync("version", async token =>
        {
            var version = await BoundedAsync("tell its version", asked => Client.System.GetVersionAsync(asked), DescribeTimeout, token).ConfigureAwait(false);
            return _dialect = EngineDialect.Of(version);
        }, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether it answers at all; unlike its version, this costs no engine anything.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        const string what = "answer";
        try
        {
            await BoundedAsync(what, async token =>
            {
                await Client.System.PingAsync(token).ConfigureAwait(false);
                return true;
            }, _requestTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (DockerApiException error)
        {
            throw Refused(what, error);
        }
    }

    /// <summary>Asks once. An answer with an error status is passed on as <see cref="DockerApiException"/>, with Docker's status, for the caller to read.</summary>
    public async Task<T> AskAsync<T>(string what, Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        try
        {
            return await BoundedAsync(what, request, timeout ?? _requestTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (DockerApiException error) when (error.StatusCode != HttpStatusCode.NotFound)
        {
            var dialect = await LearnDialectAsync(cancellationToken).ConfigureAwait(false);
            var status = dialect.Status(error.StatusCode, MessageOf(error));
            if (status == error.StatusCode)
                throw;
            throw new DockerApiException(status, error.ResponseBody);
        }
    }

    private async Task<T> BoundedAsync<T>(string what, Func<CancellationToken, Task<T>> request, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(limit);
        try
        {
            return await request(bounded.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (DockerApiException or RuntimeException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (bounded.IsCancellationRequested)
                throw Unavailable($"did not answer within {limit.TotalSeconds:0.#} s when asked to {what}", error);
            if (NoAnswer(error))
                throw Unavailable($"cannot be reached to {what}: {Reason(Innermost(error))}", error);
            throw;
        }
    }

    public Task AskAsync(string what, Func<CancellationToken, Task> request, CancellationToken cancellationToken, TimeSpan? timeout = null) =>
        AskAsync(what, async token =>
        {
            await request(token).ConfigureAwait(false);
            return true;
        }, cancellationToken, timeout);

    /// <summary>Asks for something that may be missing, or just be ending: null where the engine knows no such thing. Any other refusal counts as no answer.</summary>
    public async Task<T?> FindAsync<T>(string what, Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
        where T : class
    {
        for (var ask = 1; ; ask++)
        {
            try
            {
                return await AskAsync(what, request, cancellationToken).ConfigureAwait(false);
            }
            catch (DockerApiException error) when (error.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }
            catch (DockerApiException error) when (ask < LooksMax && Dialect.EndedWhileLookedAt(MessageOf(error)))
            {
                // The next look finds it ended.
            }
            catch (DockerApiException error)
            {
                throw Refused(what, error);
            }
        }
    }

    /// <summary>The engine answered, but with a fault of its own.</summary>
    public RuntimeException Refused(string what, DockerApiException error) =>
        Unavailable($"answered {(int)error.StatusCode} when asked to {what}: {MessageOf(error)}", error);

    /// <summary>.NET calls a unix socket that is not there an address that cannot be assigned.</summary>
    private static string Reason(Exception error) =>
        error is System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AddressNotAvailable } ? "there is no such socket" : error.Message.TrimEnd('.');

    public static string MessageOf(DockerApiException error)
    {
        var body = error.ResponseBody ?? "";
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("message", out var message))
                return message.GetString()?.Trim() ?? "";
        }
        catch (JsonException)
        {
            // Proxies answer in HTML or plain text: the text itself is the message.
        }

        return body.Trim() is { Length: > 0 } text ? text : $"status {(int)error.StatusCode}";
    }

    /// <summary>True for the errors of a connection that could not be made or broke.</summary>
    public static bool NoAnswer(Exception error) => error is HttpRequestException or IOException or SocketException or TimeoutException
        or ObjectDisposedException or OperationCanceledException;

    public void Dispose() => Client.Dispose();

    private RuntimeException Unavailable(string text, Exception error) => new(
        ErrorCode.RuntimeUnavailable,
        $"The {Dialect.Product} engine at {Address.OriginalString} {text}. Check that it runs and that this user may use its socket.{_endpoint.LookedAt}", error);

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error;
    }
}
