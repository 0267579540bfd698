using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;

namespace Dispatch.Integration.Tests.Stack;

/// <summary>The HTTP API as tests use it: plain requests, the contracts' records.</summary>
public sealed class JobClient(Uri server) : IDisposable
{
    public HttpClient Http { get; } = new(new SocketsHttpHandler { MaxConnectionsPerServer = 200 }) { BaseAddress = server, Timeout = TimeSpan.FromSeconds(120) };

    /// <summary>Submits a spec, which must be taken.</summary>
    public async Task<JobId> SubmitAsync(string spec, string? id = null)
    {
        var (status, body) = await PostAsync(ApiPaths.Jobs, Submission(spec, id));
        Assert.True(status is HttpStatusCode.Created or HttpStatusCode.OK, $"{(int)status} {body}");
        return JsonSerializer.Deserialize<JobAccepted>(body, DispatchJson.Options)!.Id;
    }

    public static string Submission(string spec, string? id) => id is null ? $$"""{"spec":{{spec}}}""" : $$"""{"id":{{JsonSerializer.Serialize(id)}},"spec":{{spec}}}""";

    public Task<JobView> GetAsync(JobId job) => GetAsync<JobView>(ApiPaths.Job(job));

    public Task<OperationsView> OperationsAsync(JobId job) => GetAsync<OperationsView>(ApiPaths.Operations(job));

    public Task<WhyView> WhyAsync(JobId job) => GetAsync<WhyView>(ApiPaths.Why(job));

    public async Task<IReadOnlyList<WorkerView>> WorkersAsync() => (await GetAsync<WorkerPage>(ApiPaths.Workers)).Workers;

    /// <summary>Waits for a job's end.</summary>
    public async Task<JobView> EndAsync(JobId job, TimeSpan? within = null)
    {
        var limit = within ?? Deadlines.Job;
        var until = DateTime.UtcNow + limit;
        while (true)
        {
            var view = await GetAsync<JobView>($"{ApiPaths.Job(job)}?wait=20s");
            if (view.State == JobState.Closed)
                return view;
            Assert.True(DateTime.UtcNow < until, $"{job} has not ended within {limit.TotalSeconds:0} s: {JsonSerializer.Serialize(view, DispatchJson.Options)}");
        }
    }

    /// <summary>Submits and waits for the end.</summary>
    public async Task<JobView> RunAsync(string spec, string? id = null, TimeSpan? within = null) => await EndAsync(await SubmitAsync(spec, id), within);

    /// <summary>Runs many, so many at once.</summary>
    public async Task<IReadOnlyList<JobView>> RunManyAsync(IEnumerable<string> specs, int atOnce, TimeSpan? within = null)
    {
        using var room = new SemaphoreSlim(atOnce);
        return await Task.WhenAll(specs.Select(async spec =>
        {
            await room.WaitAsync();
            try
            {
                return await RunAsync(spec, within: within ?? TimeSpan.FromMinutes(4));
            }
            finally
            {
                room.Release();
            }
        }));
    }

    public Task<byte[]> StdoutAsync(JobId job, string query = "") => Http.GetByteArrayAsync(new Uri(ApiPaths.RawLog(job, OutputStream.Stdout) + query, UriKind.Relative));

    public Task<byte[]> StderrAsync(JobId job, string query = "") => Http.GetByteArrayAsync(new Uri(ApiPaths.RawLog(job, OutputStream.Stderr) + query, UriKind.Relative));

    public async Task<string> OutAsync(JobId job) => Encoding.UTF8.GetString(await StdoutAsync(job));

    public async Task<string> ErrorAsync(JobId job) => Encoding.UTF8.GetString(await StderrAsync(job));

    /// <summary>Waits until a job has printed a text.</summary>
    public Task UntilOutAsync(JobId job, string text) => Until.HoldsAsync($"{job} prints '{text}'", async () => (await OutAsync(job)).Contains(text, StringComparison.Ordinal), Deadlines.Job);

    /// <summary>Waits until a job is in a state, which it reports.</summary>
    public async Task<JobView> UntilAsync(JobId job, Func<JobView, bool> holds)
    {
        JobView? view = null;
        await Until.HoldsAsync($"{job} is as wanted", async () => holds(view = await GetAsync(job)), Deadlines.Job);
        return view!;
    }

    public async Task<CommandResult> StopAsync(JobId job, StopMode mode = StopMode.Graceful)
    {
        var (status, body) = await PostAsync(ApiPaths.Stop(job), JsonSerializer.Serialize(new StopRequest { Mode = mode, RequestedBy = "test", Reason = "the test wants it" }, DispatchJson.Options));
        Assert.True(status == HttpStatusCode.OK, $"{(int)status} {body}");
        return JsonSerializer.Deserialize<CommandResult>(body, DispatchJson.Options)!;
    }

    public async Task<T> GetAsync<T>(string path)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"GET {path}: {(int)answer.StatusCode} {body}");
        return JsonSerializer.Deserialize<T>(body, DispatchJson.Options)!;
    }

    public async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, string body, string? contentType = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
            content.Headers.ContentType = new(contentType);
        using var answer = await Http.PostAsync(new Uri(path, UriKind.Relative), content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Posts what must be refused.</summary>
    public async Task<Problem> RefusedAsync(string path, string body, string? contentType = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
            content.Headers.ContentType = new(contentType);
        using var answer = await Http.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{(int)answer.StatusCode} {text}");
        Assert.Equal(Problem.MediaType, answer.Content.Headers.ContentType?.MediaType);
        var problem = (await answer.Content.ReadFromJsonAsync<Problem>(DispatchJson.Options))!;
        Assert.Equal((int)answer.StatusCode, problem.Status);
        Assert.NotEmpty(problem.Remedy);
        return problem;
    }

    public void Dispose() => Http.Dispose();
}
