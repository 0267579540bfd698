using System.Net;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Acceptance;
using Dispatch.Integration.Tests.Stack;
using Temporalio.Exceptions;

namespace Dispatch.Integration.Tests.BadInput;

/// <summary>Calls that are wrong, and ids that are taken or unknown: a code of the catalogue and a remedy over each surface.</summary>
[Collection(DevCollection.Name)]
public sealed class BadCallTests(DevFixture fixture) : StackTests(fixture.Stack)
{
    private const string CallRemedy = "Correct what is named and ask again.";

    [Theory]
    [InlineData("""{"spec":{"process":["true"]""")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"id":5,"spec":{"process":["true"]}}""")]
    [InlineData("""{"id":"x"}""")]
    public async Task A_body_that_is_no_submission_is_InvalidJobSpec(string body)
    {
        var problem = await Jobs.RefusedAsync(ApiPaths.Jobs, body);

        Assert.Equal(ErrorCode.InvalidJobSpec, problem.Code);
        Assert.False(string.IsNullOrWhiteSpace(problem.Detail));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task A_wrong_content_type_is_answered_with_the_right_one(string? contentType)
    {
        var problem = await Jobs.RefusedAsync(ApiPaths.Jobs, """{"spec":{"process":["true"]}}""", contentType);

        Assert.Equal(415, problem.Status);
        Assert.Contains("application/json", problem.Detail + problem.Remedy, StringComparison.Ordinal);
        Assert.Equal((null, Problem.Untyped), (problem.Code, problem.Type));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a\u0001b")]
    [InlineData("a\u202eb")]
    [InlineData("a\u200bb")]
    [InlineData("..")]
    [InlineData("a/b")]
    public async Task An_id_that_is_none_is_named(string id)
    {
        var problem = await Jobs.RefusedAsync(ApiPaths.Jobs, JobClient.Submission("""{"process":["true"]}""", id));

        Assert.Equal("id", Assert.Single(problem.Errors!).Field);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_answered_also_to_a_client_that_sends_it_to_its_end_first()
    {
        const int Bytes = 12 << 20;
        using var client = new System.Net.Sockets.TcpClient(Jobs.Http.BaseAddress!.Host, Jobs.Http.BaseAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"POST {ApiPaths.Jobs} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Bytes}\r\nConnection: close\r\n\r\n"));
        for (var sent = 0; sent < Bytes; sent += 1 << 16)
            await stream.WriteAsync(new byte[1 << 16]);

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(Deadlines.Job);

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains($"larger than {4 << 20} bytes", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_of_201_characters_is_refused_and_odd_ids_work_everywhere()
    {
        const string Spec = """{"process":["sh","-c","echo $DISPATCH_JOB"]}""";
        Assert.Equal("id", Assert.Single((await Jobs.RefusedAsync(ApiPaths.Jobs, JobClient.Submission(Spec, new string('x', 201)))).Errors!).Field);
        foreach (var id in (string[])["a ?#%25&=+ż", "a%2Fb", new string('x', 200), "...", "--help"])
        {
            Assert.Equal(0, (await Jobs.RunAsync(Spec, id)).ExitCode);
            Assert.Equal(id + "\n", await Jobs.OutAsync(new(id)));
        }

        // Temporal's clients give jobs any id.
        const string Slashed = "nightly/2026 %2F";
        await (await Stack.ConnectAsync()).StartWorkflowAsync(JobNames.Workflow, [TemporalClientTests.Spec(Spec)], TemporalClientTests.Options(Slashed));
        Assert.Equal(0, (await Jobs.EndAsync(new(Slashed))).ExitCode);
        Assert.Equal(Slashed + "\n", (await Stack.CliAsync("logs", Slashed)).Ok());
        Assert.Equal(Slashed, (await Jobs.GetAsync(new(Slashed))).Id.Value);
    }

    [Fact]
    public async Task A_truncated_spec_file_is_refused_by_the_CLI_with_its_name()
    {
        var file = Path.Combine(Stack.NewFolder(), "truncated.json");
        await File.WriteAllTextAsync(file, """{"process":["true" """);

        (await Stack.CliAsync("run", "-f", file)).Refused(2, file, "JSON");
        (await Stack.CliAsync("run", "-f", "/no/such/spec.json")).Refused(2, "/no/such/spec.json");
        (await Stack.CliAsync("run")).Refused(1, "InvalidJobSpec", "image");
        (await Stack.CliAsync("run", "--process")).Refused(2, "--process --");
        (await Stack.CliAsync("run", "--env", "A", "--process", "--", "true")).Refused(2, "--env", "NAME=VALUE");
        (await Stack.CliAsync("run", "--constraint", "zone ~ a", "--process", "--", "true")).Refused(2, "--constraint", "zone ~ a");
        (await Stack.CliAsync("run", "--timeout", "soon", "--process", "--", "true")).Refused(1, "InvalidJobSpec", "timeouts.run", "soon");
        (await Stack.CliAsync("run", "--priority", "high", "--process", "--", "true")).Refused(2, "high");
    }

    [Fact]
    public async Task The_same_id_with_the_same_spec_is_the_same_job_and_with_another_spec_is_refused()
    {
        const string Spec = """{"process":["sh","-c","exit 6"]}""";
        var first = await Jobs.RunAsync(Spec, "twice-1");

        // Another spelling of the same spec is the same spec.
        var (status, body) = await Jobs.PostAsync(ApiPaths.Jobs, JobClient.Submission("""{"process":["sh","-c","exit 6"],"priority":50}""", "twice-1"));
        var again = JsonSerializer.Deserialize<JobAccepted>(body, DispatchJson.Options)!;
        Assert.Equal((HttpStatusCode.OK, false, first.RunId), (status, again.Created, again.RunId));
        Assert.Equal(6, (await Stack.CliAsync("run", "--id", "twice-1", "--process", "--", "sh", "-c", "exit 6")).ExitCode);

        var problem = await Jobs.RefusedAsync(ApiPaths.Jobs, JobClient.Submission("""{"process":["sh","-c","exit 7"]}""", "twice-1"));
        Assert.Equal((ErrorCode.JobAlreadyExists, 409), (problem.Code, problem.Status));
        Assert.Contains("twice-1", problem.Detail, StringComparison.Ordinal);
        (await Stack.CliAsync("run", "--id", "twice-1", "--process", "--", "sh", "-c", "exit 7")).Refused(1, "JobAlreadyExists", "twice-1", "another id");

        var client = await Stack.ConnectAsync();
        var options = TemporalClientTests.Options("twice-1");
        options.IdReusePolicy = Temporalio.Api.Enums.V1.WorkflowIdReusePolicy.RejectDuplicate;
        await Assert.ThrowsAsync<WorkflowAlreadyStartedException>(() => client.StartWorkflowAsync(JobNames.Workflow, [TemporalClientTests.Spec(Spec)], options));
    }

    [Fact]
    public async Task An_unknown_job_is_JobNotFound_whatever_is_asked()
    {
        foreach (var path in (string[])["", "/operations", "/why", "/logs", "/logs?follow=true", "/logs/stdout", "/logs/stderr"])
        {
            using var answer = await Jobs.Http.GetAsync(new Uri(ApiPaths.Job(new("nosuch")) + path, UriKind.Relative));
            var problem = JsonSerializer.Deserialize<Problem>(await answer.Content.ReadAsStringAsync(), DispatchJson.Options)!;
            Assert.Equal((404, ErrorCode.JobNotFound), ((int)answer.StatusCode, problem.Code));
        }

        foreach (var verb in (string[])["stop", "pause", "unpause"])
            Assert.Equal(ErrorCode.JobNotFound, (await Jobs.RefusedAsync($"{ApiPaths.Jobs}/nosuch/{verb}", """{"requestedBy":"me","reason":"x"}""")).Code);

        var client = await Stack.ConnectAsync();
        var unknown = await Assert.ThrowsAsync<RpcException>(() => client.GetWorkflowHandle("nosuch").QueryAsync<JobStatus>(JobNames.Status, []));
        Assert.Equal(RpcException.StatusCode.NotFound, unknown.Code);
    }

    [Fact]
    public async Task A_stop_without_a_reason_is_refused_and_the_job_runs_on()
    {
        var job = await Jobs.SubmitAsync("""{"process":["sh","-c","echo up; exec sleep 300"]}""", "no-reason-1");
        await Jobs.UntilOutAsync(job, "up");

        foreach (var body in (string[])["{}", """{"requestedBy":"me"}""", """{"requestedBy":"me","reason":"  "}"""])
        {
            var problem = await Jobs.RefusedAsync(ApiPaths.Stop(job), body);
            Assert.Equal(ErrorCode.InvalidJobSpec, problem.Code);
            Assert.Contains(problem.Errors!, error => error.Field == "reason");
        }

        (await Stack.CliAsync("stop", "no-reason-1", "--reason=", "--now")).Refused(1, "InvalidJobSpec", "reason", CallRemedy);

        var handle = (await Stack.ConnectAsync()).GetWorkflowHandle("no-reason-1");
        var refused = await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [new StopRequest { RequestedBy = "me" }]));
        var failure = Assert.IsType<ApplicationFailureException>(refused.InnerException);
        Assert.Equal(nameof(ErrorCode.InvalidJobSpec), failure.ErrorType);
        Assert.Contains("reason", failure.Message, StringComparison.Ordinal);
        (object Argument, string[] Says)[] broken = [("x", ["object with requestedBy and reason"]), (new { reason = "" }, ["requestedBy:", "reason:"]), (new { requestedBy = "me", reason = "x", mode = "soon" }, ["mode: "])];
        foreach (var (argument, says) in broken)
        {
            var told = await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [argument]));
            Assert.All(says, text => Assert.Contains(text, told.InnerException!.Message, StringComparison.Ordinal));
            Assert.DoesNotContain("Dispatch.", told.InnerException!.Message, StringComparison.Ordinal);
        }


        await Jobs.UntilAsync(job, view => view.State == JobState.Running);
        await Jobs.StopAsync(job);
        await Jobs.EndAsync(job);
    }

    [Fact]
    public async Task A_job_that_fits_no_worker_says_so_at_once_and_waits()
    {
        var client = await Stack.ConnectAsync();
        var handle = await client.StartWorkflowAsync(JobNames.Workflow, [TemporalClientTests.Spec("""{"process":["true"],"resources":{"cpu":1000}}""")], TemporalClientTests.Options("too-big-1"));

        var view = await Jobs.UntilAsync(new("too-big-1"), job => job.State == JobState.Queued && job.Message is { Length: > 0 });
        Assert.Contains("fits", view.Message, StringComparison.Ordinal);
        Assert.Contains("cpu", view.Message, StringComparison.Ordinal);
        Assert.Contains("fits", (await handle.QueryAsync<JobStatus>(JobNames.Status, [])).Message, StringComparison.Ordinal);
        var why = (await Stack.CliAsync("why", "too-big-1")).Ok();
        Assert.All(["cpu", "1000", "64", "dev"], text => Assert.Contains(text, why, StringComparison.Ordinal));

        (await Stack.CliAsync("stop", "too-big-1", "--reason", "cannot run")).Ok();
        Assert.Equal(TerminationReason.CancelledBeforeStart, (await Jobs.EndAsync(new("too-big-1"))).Reason);
    }

    [Theory]
    [InlineData("GET", "/nosuch", 404)]
    [InlineData("DELETE", "/api/v1/jobs", 405)]
    [InlineData("GET", "/api/v1/jobs?limit=0", 422)]
    [InlineData("GET", "/api/v1/jobs?limit=many", 400)]
    [InlineData("GET", "/api/v1/jobs?state=Asleep", 422)]
    [InlineData("GET", "/api/v1/jobs?label=foo", 422)]
    [InlineData("GET", "/api/v1/jobs?bogus=1", 422)]
    [InlineData("GET", "/api/v1/workers/nosuch?bogus=1", 422)]
    [InlineData("GET", "/api/v1/jobs?cursor=***", 422)]
    [InlineData("GET", "/api/v1/workers/nosuch", 404)]
    public async Task Whatever_the_API_refuses_it_refuses_with_problem_details(string method, string path, int status)
    {
        using var answer = await Jobs.Http.SendAsync(new(new HttpMethod(method), path));

        Assert.Equal((status, Problem.MediaType), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var problem = JsonSerializer.Deserialize<Problem>(await answer.Content.ReadAsStringAsync(), DispatchJson.Options)!;
        Assert.False(string.IsNullOrWhiteSpace(problem.Detail));
        Assert.Equal(status is 404 or 405, problem.Code is null);
        Assert.Equal(status is 404 or 405, problem.Type == Problem.Untyped);
    }
}
