using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Http;

/// <summary>The paths of the HTTP API. Ids are free text: they are escaped here and nowhere else.</summary>
public static class ApiPaths
{
    /// <summary>The port of <c>dispatch dev</c>'s HTTP API.</summary>
    public const int DefaultPort = 8233;

    /// <summary>POST: submit (<see cref="JobSubmission"/> → <see cref="JobAccepted"/>). GET: list (<see cref="JobPage"/>).</summary>
    public const string Jobs = "/api/v1/jobs";

    /// <summary>POST: reads a spec and answers 200 or a <see cref="Problem"/> with all errors; nothing is started.</summary>
    public const string Validate = "/api/v1/jobs:validate";

    /// <summary>GET: <see cref="WorkerPage"/>.</summary>
    public const string Workers = "/api/v1/workers";

    /// <summary>GET: a list of <see cref="PoolView"/>.</summary>
    public const string Pools = "/api/v1/pools";

    /// <summary>GET: 200 while the process lives.</summary>
    public const string Live = "/health/live";

    /// <summary>GET: 200 when everything needed is there, else 503 with what is missing (<see cref="ReadinessView"/>).</summary>
    public const string Ready = "/health/ready";

    /// <summary>POST, by workers: register.</summary>
    public const string WorkerRegister = "/worker/v1/register";

    /// <summary>POST, by workers: renew.</summary>
    public const string WorkerRenew = "/worker/v1/renew";

    /// <summary>POST, by workers: confirm.</summary>
    public const string WorkerConfirm = "/worker/v1/confirm";

    /// <summary>POST, by workers: return.</summary>
    public const string WorkerReturn = "/worker/v1/return";

    /// <summary>POST, by workers: append to a log (<see cref="LogShipment"/> → <see cref="Logs.LogAppended"/>); without pieces it answers with the positions.</summary>
    public const string WorkerLogs = "/worker/v1/logs";

    /// <summary>GET: one job (<see cref="JobView"/>).</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Job(JobId job) => $"{Jobs}/{Uri.EscapeDataString(job.Value)}";

    /// <summary>GET: the job's operations (<see cref="OperationsView"/>).</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Operations(JobId job) => Job(job) + "/operations";

    /// <summary>GET: why the job is where it is (<see cref="WhyView"/>).</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Why(JobId job) => Job(job) + "/why";

    /// <summary>GET: the job's output as server-sent events (<see cref="LogEvent"/>); <c>?attempt=</c>, <c>?cursor=</c> (or header <c>Last-Event-ID</c>), <c>?follow=false</c>.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Logs(JobId job) => Job(job) + "/logs";

    /// <summary>GET: the raw bytes of one stream as a download; <c>?attempt=</c>, <c>?offset=</c>.</summary>
    /// <param name="job">The job.</param>
    /// <param name="stream">Which stream.</param>
    /// <returns>The path.</returns>
    public static string RawLog(JobId job, Logs.OutputStream stream) => Logs(job) + (stream == Contracts.Logs.OutputStream.Stdout ? "/stdout" : "/stderr");

    /// <summary>POST: stop (<see cref="StopRequest"/> → <see cref="CommandResult"/>).</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Stop(JobId job) => Job(job) + "/stop";

    /// <summary>POST: extend the run deadline (<see cref="ExtendRequest"/> → <see cref="CommandResult"/>).</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Extend(JobId job) => Job(job) + "/extend";

    /// <summary>POST: set the priority (<see cref="PriorityRequest"/> → <see cref="CommandResult"/>).</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Priority(JobId job) => Job(job) + "/priority";

    /// <summary>POST: pause before placement (<see cref="PauseRequest"/> → <see cref="CommandResult"/>).</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Pause(JobId job) => Job(job) + "/pause";

    /// <summary>POST: go on after a pause (<see cref="PauseRequest"/> → <see cref="CommandResult"/>).</summary>
    /// <param name="job">The job.</param>
    /// <returns>The path.</returns>
    public static string Unpause(JobId job) => Job(job) + "/unpause";

    /// <summary>GET: one worker (<see cref="WorkerView"/>).</summary>
    /// <param name="worker">The worker.</param>
    /// <returns>The path.</returns>
    public static string Worker(WorkerId worker) => $"{Workers}/{Uri.EscapeDataString(worker.Value)}";
}
