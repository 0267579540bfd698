using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Runs;
using Dispatch.Placement;
using Dispatch.Registry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Reading;
using Dispatch.Workflows.Replay;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using JobState = Dispatch.Contracts.Http.JobState;

namespace Dispatch.Server.Jobs;

/// <summary>Shows jobs: what Temporal recorded, joined with what the registry knows of a running one and with the tail of its output.</summary>
internal sealed class JobReader(ITemporalClient client, IRegistryReader registry, IPlacementExplainer placer, ILogStore logs)
{
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How many rows a list reads side by side.</summary>
    private const int RowsAtOnce = 8;

    /// <summary>How long a job that has decided to close may take until it is closed.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The handle of a job's latest run; unknown ids and workflows of other types are <c>JobNotFound</c>.</summary>
    public async Task<(WorkflowHandle Handle, WorkflowExecutionDescription Found)> FindAsync(JobId job, CancellationToken token)
    {
        try
        {
            var found = await client.GetWorkflowHandle(job.Value).DescribeAsync(new() { Rpc = new() { CancellationToken = token } }).ConfigureAwait(false);
            if (found.WorkflowType == JobNames.Workflow)
                return (client.GetWorkflowHandle(job.Value, found.RunId), found);
        }
        catch (RpcException e) when (e.Code is RpcException.StatusCode.NotFound or RpcException.StatusCode.InvalidArgument)
        {
            // Told below, with our own words.
        }

        throw NotFound(job);
    }

    /// <summary>What an unknown id is answered.</summary>
    public static DispatchException NotFound(JobId job) => new(ErrorCode.JobNotFound, $"There is no job '{job}'.");

    /// <summary>One job with all that is known of it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="wait">How long to wait for its end; zero is not at all.</param>
    /// <param name="token">Ends the call.</param>
    /// <returns>The job.</returns>
    public async Task<JobView> GetAsync(JobId job, TimeSpan wait, CancellationToken token)
    {
        var (handle, found) = await FindAsync(job, token).ConfigureAwait(false);
        if (wait > TimeSpan.Zero && found.Status == WorkflowExecutionStatus.Running && await EndsWithinAsync(handle, wait, token).ConfigureAwait(false))
            (handle, found) = await FindAsync(job, token).ConfigureAwait(false);

        var view = JobViews.Of(found);
        var bytes = await JobHistory.SpecAsync(handle, token).ConfigureAwait(false);
        var spec = bytes is null ? null : JobSpecReader.Read(bytes).Spec;
        view = view with
        {
            Spec = AsElement(bytes),
            Pool = spec?.Pool ?? view.Pool,
            Priority = spec?.Priority ?? view.Priority,
            Name = spec?.Name,
            Owner = spec?.Owner,
            Labels = spec?.Labels ?? view.Labels,
        };
        view = view.State == JobState.Closed
            ? await WithEndAsync(view, handle, token).ConfigureAwait(false)
            : await WithLiveAsync(await WithStatusAsync(view, handle, token).ConfigureAwait(false), token).ConfigureAwait(false);

        // The query may find the job already decided, a moment before its run is closed: then the report is about to be there.
        if (view.State == JobState.Closed && found.Status == WorkflowExecutionStatus.Running && await EndsWithinAsync(handle, CloseTimeout, token).ConfigureAwait(false))
            return await GetAsync(job, TimeSpan.Zero, token).ConfigureAwait(false);
        return await WithTailsAsync(view, token).ConfigureAwait(false);
    }

    /// <summary>A page of jobs by their start, newest first.</summary>
    /// <param name="query">A filter in Temporal's list grammar.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cursor">Where the last page ended.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="token">Ends the call.</param>
    /// <returns>The page.</returns>
    public async Task<JobPage> ListAsync(string query, int limit, JobCursor? cursor, DateTimeOffset now, CancellationToken token)
    {
        var newest = new NewestFirst<WorkflowExecution>(
            async (narrowed, most) =>
            {
                var page = await client.ListWorkflowsPaginatedAsync(narrowed, null, new() { PageSize = most, Rpc = new() { CancellationToken = token } }).ConfigureAwait(false);
                return ([.. page.Workflows], page.NextPageToken is { Length: > 0 });
            },
            run => new DateTimeOffset(DateTime.SpecifyKind(run.StartTime, DateTimeKind.Utc)),
            run => run.RunId);
        var (runs, next) = await newest.PageAsync(query, limit, cursor, now).ConfigureAwait(false);
        var views = new List<JobView>();
        foreach (var found in runs.Chunk(RowsAtOnce))
            views.AddRange(await Task.WhenAll(found.Select(one => WithLiveAsync(JobViews.Of(one), token))).ConfigureAwait(false));
        return new(views, next?.ToString());
    }

    /// <summary>The operations of a job's latest run, folded from its whole history.</summary>
    public async Task<OperationsView> OperationsAsync(JobId job, CancellationToken token)
    {
        var (handle, found) = await FindAsync(job, token).ConfigureAwait(false);
        var history = await handle.FetchHistoryAsync(new() { Rpc = new() { CancellationToken = token } }).ConfigureAwait(false);
        return new(HistoryOperations.Fold(history.Events).List, found.Status != WorkflowExecutionStatus.Running);
    }

    /// <summary>Why the job is where it is.</summary>
    public async Task<WhyView> WhyAsync(JobId job, TimeProvider time, CancellationToken token)
    {
        var (handle, found) = await FindAsync(job, token).ConfigureAwait(false);
        var recorded = await QueryAsync<RecordedPlacement>(handle, JobNames.Why, token).ConfigureAwait(false);
        var view = JobViews.Of(found);
        if (view.State == JobState.Closed)
            view = await WithEndAsync(view, handle, token).ConfigureAwait(false);
        else
            view = await WithLiveAsync(await WithStatusAsync(view, handle, token).ConfigureAwait(false), token).ConfigureAwait(false);
        WhyNow? now = null;
        try
        {
            now = view.State is JobState.Queued or JobState.Paused ? await placer.ExplainNowAsync(job, token).ConfigureAwait(false) : null;
        }
        catch (RowsContradictException broken)
        {
            view = view with { RowsBroken = broken.Message };
        }

        return new() { State = view.State, AsOf = time.GetUtcNow(), Recorded = recorded, Now = now?.Explanation, Summary = JobViews.Summary(view, recorded, now) };
    }

    private static async Task<bool> EndsWithinAsync(WorkflowHandle handle, TimeSpan wait, CancellationToken token)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(token);
        until.CancelAfter(wait);
        try
        {
            return await JobHistory.CloseEventAsync(handle, wait: true, until.Token).ConfigureAwait(false) is not null;
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException { Code: RpcException.StatusCode.Cancelled } && until.IsCancellationRequested && !token.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task<JobView> WithEndAsync(JobView view, WorkflowHandle handle, CancellationToken token)
    {
        if (await JobHistory.CloseEventAsync(handle, wait: false, token).ConfigureAwait(false) is not { } close)
            return view;
        // A run that Temporal cancelled carries no result: the workflow still knows its report.
        var report = JobHistory.Report(close)
            ?? (close.EventType == EventType.WorkflowExecutionCanceled ? (await QueryAsync<JobStatus>(handle, JobNames.Status, token).ConfigureAwait(false))?.Report : null);
        return view with
        {
            Report = report,
            Reason = report?.Reason ?? view.Reason,
            Error = report is null ? JobHistory.Error(close) : report.Error,
            Message = report?.Message ?? view.Message ?? (report is null ? JobHistory.Message(close) : null),
            ExitCode = report is null ? view.ExitCode : report.Outcome.Code,
            StartedAt = report?.Timings.StartedAt,
            EndedAt = report?.Timings.EndedAt ?? view.EndedAt,
            Attempt = report?.AttemptsUsed ?? view.Attempt,
        };
    }

    private static async Task<JobView> WithStatusAsync(JobView view, WorkflowHandle handle, CancellationToken token) =>
        await QueryAsync<JobStatus>(handle, JobNames.Status, token).ConfigureAwait(false) is not { } status ? view : view with
        {
            State = status.State,
            Message = status.Message,
            Priority = status.Priority,
            Attempt = status.Attempt,
            Worker = status.Worker ?? view.Worker,
            Incarnation = status.Incarnation ?? view.Incarnation,
        };

    private async Task<JobView> WithLiveAsync(JobView view, CancellationToken token)
    {
        if (view.State == JobState.Closed)
            return view;
        JobRow? found;
        try
        {
            found = await registry.FindJobAsync(view.Id, token).ConfigureAwait(false);
        }
        catch (RowsContradictException broken)
        {
            // One job's rows must not hide it, nor the others of a list.
            return view with { RowsBroken = broken.Message };
        }
        catch (DispatchException away) when (away.IsTransient && view.State != JobState.Sent)
        {
            // Only whether its rows are whole was wanted.
            return view;
        }

        return view.State != JobState.Sent || found is not { Activity: { } activity } row ? view : view with
        {
            State = JobViews.StateOf(activity) ?? view.State,
            Message = row.Message ?? view.Message,
            StartedAt = row.StartedAt ?? view.StartedAt,
            Worker = row.Grant?.Worker ?? view.Worker,
            Incarnation = row.Grant?.Incarnation ?? view.Incarnation,
        };
    }

    private async Task<JobView> WithTailsAsync(JobView view, CancellationToken token)
    {
        var kept = await logs.ListAsync(view.Id, token).ConfigureAwait(false);
        var last = kept.Where(log => log.Key.Conversation == view.Conversation).MaxBy(log => log.Key.Attempt);
        if (last is null)
            return view;
        return view with
        {
            StdoutTail = OutputTail.Of(await logs.TailAsync(last.Key, OutputStream.Stdout, cancellationToken: token).ConfigureAwait(false)),
            StderrTail = OutputTail.Of(await logs.TailAsync(last.Key, OutputStream.Stderr, cancellationToken: token).ConfigureAwait(false)),
        };
    }

    /// <summary>A query's answer, or null where no workflow host answers in time: what is recorded still shows.</summary>
    private static async Task<T?> QueryAsync<T>(WorkflowHandle handle, string name, CancellationToken token)
        where T : class
    {
        try
        {
            return await handle.QueryAsync<T?>(name, [], new() { Rpc = new() { CancellationToken = token, Timeout = QueryTimeout } }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or WorkflowQueryFailedException or WorkflowQueryRejectedException && !token.IsCancellationRequested)
        {
            return null;
        }
    }

    private static JsonElement? AsElement(byte[]? bytes)
    {
        try
        {
            return bytes is null ? null : JsonSerializer.Deserialize<JsonElement>(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
