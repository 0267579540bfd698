using System.Globalization;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;
using Dispatch.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dispatch.Server.Jobs;

/// <summary>The jobs of the HTTP API.</summary>
internal static class JobEndpoints
{
    /// <summary>Most jobs on a page.</summary>
    public const int PageMax = NewestFirst<object>.PageMax;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(50);

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup(ApiPaths.Jobs).WithTags("jobs");
        jobs.MapPost("", SubmitAsync).WithSummary("Submit a job").Produces<JobAccepted>(201).Produces<JobAccepted>().ProducesProblem(422).ProducesProblem(409);
        routes.MapPost(ApiPaths.Validate, (JobSubmission submission, JobSubmitter submitter) => Json(new { valid = true, digest = SpecDigest.Of(submitter.Read(submission)) }))
            .WithTags("jobs").WithSummary("Say everything that is wrong with a spec").ProducesProblem(422);
        jobs.MapGet("", ListAsync).WithSummary("List jobs, newest first").Produces<JobPage>();
        jobs.MapGet("/{id}", async (string id, string? wait, JobReader reader, CancellationToken token) => Json(await reader.GetAsync(new(id), Wait(wait), token).ConfigureAwait(false)))
            .WithSummary("One job; wait=30s answers at its end, or when the time is up").Produces<JobView>().ProducesProblem(404);
        jobs.MapGet("/{id}/operations", async (string id, JobReader reader, CancellationToken token) => Json(await reader.OperationsAsync(new(id), token).ConfigureAwait(false)))
            .WithSummary("The operations of a job").Produces<OperationsView>().ProducesProblem(404);
        jobs.MapGet("/{id}/why", async (string id, JobReader reader, TimeProvider time, CancellationToken token) => Json(await reader.WhyAsync(new(id), time, token).ConfigureAwait(false)))
            .WithSummary("Why a job is where it is").Produces<WhyView>().ProducesProblem(404);
        Command<StopRequest>(jobs, "/{id}/stop", JobNames.Stop, "Stop a job");
        Command<ExtendRequest>(jobs, "/{id}/extend", JobNames.Extend, "Give a running job more time");
        Command<PriorityRequest>(jobs, "/{id}/priority", JobNames.SetPriority, "Change the priority of a waiting job");
        Command<PauseRequest>(jobs, "/{id}/pause", JobNames.Pause, "Hold a waiting job");
        Command<PauseRequest>(jobs, "/{id}/unpause", JobNames.Unpause, "Let a held job go on");
    }

    private static void Command<T>(RouteGroupBuilder jobs, string path, string update, string summary)
        where T : CommandRequest =>
        jobs.MapPost(path, async (string id, T request, JobCommands commands, CancellationToken token) => Json(await commands.SendAsync(new(id), update, request, token).ConfigureAwait(false)))
            .WithSummary(summary).Produces<CommandResult>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);

    private static async Task<IResult> SubmitAsync(JobSubmission submission, HttpContext context, JobSubmitter submitter, CancellationToken token)
    {
        var trigger = submission.Trigger == "cli" ? "cli" : $"endpoint({context.Connection.RemoteIpAddress})";
        var accepted = await submitter.SubmitAsync(submission, trigger, token).ConfigureAwait(false);
        context.Response.Headers.Location = ApiPaths.Job(accepted.Id);
        return Results.Json(accepted, DispatchJson.Options, statusCode: accepted.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> ListAsync(string? state, string? pool, string? owner, string? label, string? reason, int? limit, string? cursor, JobReader reader, ServerOptions options, TimeProvider time, CancellationToken token)
    {
        var errors = new List<SpecError>();
        var filter = new JobFilter(state, pool, owner, label, reason) { SearchAttributes = options.SearchAttributes };
        var query = filter.ToQuery(errors);
        if (limit is < 1 or > PageMax)
            errors.Add(new("limit", limit?.ToString(CultureInfo.InvariantCulture), $"must be 1 to {PageMax}"));
        var from = cursor is null ? null : JobCursor.TryParse(cursor);
        if (cursor is not null && from is null)
            errors.Add(new("cursor", cursor, "is not one of ours: send `next` of the last page as it was"));
        if (errors.Count > 0)
            throw new CallRefused(errors);
        var page = await reader.ListAsync(query, limit ?? 50, from, time.GetUtcNow(), token).ConfigureAwait(false);
        return Json(filter.StateIsFiner ? page with { Jobs = [.. page.Jobs.Where(filter.Holds)] } : page);
    }

    private static TimeSpan Wait(string? text)
    {
        if (text is null)
            return TimeSpan.Zero;
        return DurationText.TryParse(text, out var wait) && wait >= TimeSpan.Zero
            ? wait < WaitMax ? wait : WaitMax
            : throw new CallRefused([new("wait", text, $"is a duration such as 30s; {WaitMax.TotalSeconds:0}s is the most")]);
    }

    private static IResult Json<T>(T value) => Results.Json(value, DispatchJson.Options);
}
