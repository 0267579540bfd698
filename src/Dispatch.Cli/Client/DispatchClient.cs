using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;

namespace Dispatch.Cli.Client;

/// <summary>The HTTP API as the verbs use it. What the server refuses is an <see cref="ApiException"/>; a server that is not there a <see cref="CliException"/>.</summary>
internal sealed class DispatchClient : IDisposable
{
    /// <summary>What ASP.NET answers to a request whose end it was told, which a server that ends tells all.</summary>
    private const int ClientGone = 499;

    /// <summary>A log stream without a byte that stood so long was there.</summary>
    private static readonly TimeSpan FollowStands = TimeSpan.FromSeconds(10);

    private readonly HttpClient http;
    private readonly string server;

    /// <summary>Makes a client of servers that stand in for each other, at least one.</summary>
    public DispatchClient(IReadOnlyList<Uri> servers)
        : this(servers, new ServerChoice(servers))
    {
    }

    /// <summary>Makes one over another way of sending.</summary>
    internal DispatchClient(IReadOnlyList<Uri> servers, HttpMessageHandler handler)
    {
        server = string.Join(", ", servers.Select(one => one.ToString().TrimEnd('/')));
        http = new HttpClient(handler) { BaseAddress = servers[0], Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Submits a job.</summary>
    public Task<JobAccepted> SubmitAsync(JobSubmission submission, CancellationToken token) => PostAsync<JobAccepted>(ApiPaths.Jobs, submission, token);

    /// <summary>Checks a spec without starting anything.</summary>
    public Task<JsonElement> ValidateAsync(JobSubmission submission, CancellationToken token) => PostAsync<JsonElement>(ApiPaths.Validate, submission, token);

    /// <summary>One job.</summary>
    public Task<JobView> GetAsync(JobId job, CancellationToken token) => GetAsync<JobView>(ApiPaths.Job(job), token);

    /// <summary>One job, once it is closed or the time is up.</summary>
    public Task<JobView> WaitAsync(JobId job, TimeSpan atMost, CancellationToken token) =>
        GetAsync<JobView>($"{ApiPaths.Job(job)}?wait={(int)atMost.TotalSeconds}s", token);

    /// <summary>A page of jobs, newest first.</summary>
    public Task<JobPage> ListAsync(string query, CancellationToken token) => GetAsync<JobPage>(ApiPaths.Jobs + query, token);

    /// <summary>The operations of a job.</summary>
    public Task<OperationsView> OperationsAsync(JobId job, CancellationToken token) => GetAsync<OperationsView>(ApiPaths.Operations(job), token);

    /// <summary>Why the job is where it is.</summary>
    public Task<WhyView> WhyAsync(JobId job, CancellationToken token) => GetAsync<WhyView>(ApiPaths.Why(job), token);

    /// <summary>All workers.</summary>
    public Task<WorkerPage> WorkersAsync(CancellationToken token) => GetAsync<WorkerPage>(ApiPaths.Workers, token);

    /// <summary>One worker.</summary>
    public Task<WorkerView> WorkerAsync(WorkerId worker, CancellationToken token) => GetAsync<WorkerView>(ApiPaths.Worker(worker), token);

    /// <summary>Sends a command to a job.</summary>
    public Task<CommandResult> CommandAsync(string path, CommandRequest request, CancellationToken token) => PostAsync<CommandResult>(path, request, token);

    /// <summary>Follows a job's output; a connection that breaks is taken up again where it was, so that every byte comes once.</summary>
    public async IAsyncEnumerable<LogEvent> FollowAsync(JobId job, string query, Patience patience, [EnumeratorCancellation] CancellationToken token)
    {
        string? cursor = null;
        while (true)
        {
            await using var events = EventsAsync(job, query, cursor, token).GetAsyncEnumerator(token);
            var since = Stopwatch.GetTimestamp();
            Exception? outage = null;
            while (outage is null)
            {
                ServerSentEvent? next = null;
                try
                {
                    if (await events.MoveNextAsync().ConfigureAwait(false))
                        next = events.Current;
                    else
                        outage = new NoServerException($"{server} ended the output before the job");
                }
                catch (Exception e) when (Patience.IsOutage(e))
                {
                    outage = e;
                }

                if (next is null)
                    continue;
                patience.Answered();
                cursor = next.Id ?? cursor;
                if (next.Name == LogEvent.End)
                    yield break;
                var piece = JsonSerializer.Deserialize<LogEvent>(next.Data, DispatchJson.Options) ?? throw new CliException("the server sent an empty log event", ExitCodes.Failure);
                if (next.Name == LogEvent.Missing)
                    patience.Missing(piece.Text ?? "");
                else
                    yield return piece;
            }

            // A job may say nothing for long: a stream that stood that long was an answer, too.
            if (Stopwatch.GetElapsedTime(since) > FollowStands)
                patience.Answered();
            await patience.PauseAsync(outage, token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async IAsyncEnumerable<ServerSentEvent> EventsAsync(JobId job, string query, string? cursor, [EnumeratorCancellation] CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiPaths.Logs(job) + query);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (cursor is not null)
            request.Headers.Add("Last-Event-ID", cursor);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
        await foreach (var item in ServerSentEvents.ReadAsync(stream, token).ConfigureAwait(false))
            yield return item;
    }

    private async Task<T> GetAsync<T>(string path, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync<T>(request, token).ConfigureAwait(false);
    }

    private async Task<T> PostAsync<T>(string path, object body, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, body.GetType(), options: DispatchJson.Options) };
        return await SendAsync<T>(request, token).ConfigureAwait(false);
    }

    private async Task<T> SendAsync<T>(HttpRequestMessage request, CancellationToken token)
    {
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, token).ConfigureAwait(false);
        return await response.Content.ReadFromJsonAsync<T>(DispatchJson.Options, token).ConfigureAwait(false)
            ?? throw new CliException($"{server} answered {request.RequestUri} with nothing", ExitCodes.Failure);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken token)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, completion, token).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw new NoServerException($"no server answers at {server}: start one with `dispatch dev`, or name another with --server or DISPATCH_SERVER");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.Unknown && e.StatusCode is null)
        {
            throw new NoServerException($"{server} broke off before it answered: it is ending, or what stands before it finds none") { BrokeOff = true };
        }
        catch (TaskCanceledException) when (!token.IsCancellationRequested)
        {
            throw new CliException($"{server} did not answer within {http.Timeout.TotalSeconds:0} s", ExitCodes.Failure);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await RefusalAsync(response, token).ConfigureAwait(false);
    }

    private async Task<Exception> RefusalAsync(HttpResponseMessage response, CancellationToken token)
    {
        if (response.Content.Headers.ContentType?.MediaType == Problem.MediaType
            && await response.Content.ReadFromJsonAsync<Problem>(DispatchJson.Options, token).ConfigureAwait(false) is { } problem)
            return new ApiException(problem);
        if ((int)response.StatusCode is ClientGone or 502 or 503 or 504)
            return new NoServerException($"{server} answered {(int)response.StatusCode}: it is ending, or what stands before it finds none");
        var hint = response.StatusCode == HttpStatusCode.NotFound ? "; is this a Dispatch server of this version?" : "";
        return new CliException($"{server} answered {(int)response.StatusCode} to {response.RequestMessage?.RequestUri?.PathAndQuery}{hint}", ExitCodes.Failure);
    }
}
