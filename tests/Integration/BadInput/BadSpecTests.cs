using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Acceptance;
using Dispatch.Integration.Tests.Stack;
using Temporalio.Client;

namespace Dispatch.Integration.Tests.BadInput;

/// <summary>A wrong spec gets the same code, and every wrong field by name, whichever way it comes.</summary>
[Collection(DevCollection.Name)]
public sealed class BadSpecTests(DevFixture fixture) : StackTests(fixture.Stack)
{
    [Theory]
    [MemberData(nameof(BadSpecs.All), MemberType = typeof(BadSpecs))]
    [SuppressMessage("Usage", "xUnit1026", Justification = "The first argument names the case in the results.")]
    public async Task Over_HTTP_it_is_refused_before_anything_starts(string what, string spec, string[] fields)
    {
        foreach (var path in (string[])[ApiPaths.Jobs, ApiPaths.Validate])
        {
            var problem = await Jobs.RefusedAsync(path, JobClient.Submission(spec, "never-1"));

            Assert.Equal((ErrorCode.InvalidJobSpec, 422, "urn:dispatch:error:InvalidJobSpec"), (problem.Code, problem.Status, problem.Type));
            Assert.Equal(fields.Order(StringComparer.Ordinal), problem.Errors!.Select(error => Field(error.Field)).Order(StringComparer.Ordinal));
            Assert.All(problem.Errors!, error => Assert.NotEmpty(error.Message));
        }

        using var answer = await Jobs.Http.GetAsync(new Uri(ApiPaths.Job(new("never-1")), UriKind.Relative));
        Assert.Equal(404, (int)answer.StatusCode);
    }

    [Theory]
    [MemberData(nameof(BadSpecs.All), MemberType = typeof(BadSpecs))]
    public async Task By_a_Temporal_client_the_workflow_fails_at_once_and_is_not_retried(string what, string spec, string[] fields)
    {
        var client = await Stack.ConnectAsync();
        var handle = await client.StartWorkflowAsync(JobNames.Workflow, [TemporalClientTests.Spec(spec)], TemporalClientTests.Options($"bad {what}"));

        await RefusedAsync(handle, fields);
    }

    [Fact]
    public async Task By_the_CLI_it_is_refused_on_standard_error_with_the_remedy()
    {
        var verbs = BadSpecs.All.Select(async row =>
        {
            var (_, spec, fields) = ((string)row[0], (string)row[1], (string[])row[2]);
            var file = Path.Combine(Stack.NewFolder(), "spec.json");
            await File.WriteAllTextAsync(file, spec);
            if (fields is ["spec"])
            {
                (await Stack.CliAsync("submit", "-f", file)).Refused(2, file, "object");
                return;
            }

            var remedy = ErrorCatalogue.Of(ErrorCode.InvalidJobSpec).Remedy;
            var refused = (await Stack.CliAsync("submit", "-f", file)).Refused(1, ["InvalidJobSpec", remedy, .. fields]);
            Assert.Equal(fields.Length + 2, refused.Error.TrimEnd().Split('\n').Length);
            (await Stack.CliAsync("validate", "-f", file)).Refused(1, ["InvalidJobSpec", remedy, .. fields]);
        });

        // Four at once: each is a process of its own.
        foreach (var some in verbs.Chunk(4))
            await Task.WhenAll(some);
    }

    [Fact]
    public async Task What_the_pool_does_not_admit_is_told_with_all_else_and_nothing_is_created()
    {
        const string Asked = "\"image\":\"x\",\"network\":\"host\",\"mounts\":[{\"source\":\"/etc\",\"target\":\"/x\"}],\"capabilities\":[\"FOO\"]";
        string[] refused = ["network", "mounts[0].source", "capabilities[0]"];
        (string Spec, ErrorCode Code, string[] Fields)[] cases =
        [
            ($"{{{Asked}}}", ErrorCode.NotAdmitted, refused),
            ($"{{{Asked},\"priority\":101}}", ErrorCode.InvalidJobSpec, [.. refused, "priority"]),
            ($"{{{Asked},\"priority\":101,\"pool\":\"nopool\"}}", ErrorCode.InvalidJobSpec, ["priority", "pool"]),
        ];
        foreach (var (spec, code, fields) in cases)
        {
            foreach (var path in (string[])[ApiPaths.Jobs, ApiPaths.Validate])
            {
                var problem = await Jobs.RefusedAsync(path, JobClient.Submission(spec, "never-2"));
                Assert.Equal((code, ErrorCatalogue.Of(code).HttpStatus), (problem.Code!.Value, problem.Status));
                Assert.Equal(fields.Order(StringComparer.Ordinal), problem.Errors!.Select(error => error.Field).Order(StringComparer.Ordinal));
            }

            var file = Path.Combine(Stack.NewFolder(), "spec.json");
            await File.WriteAllTextAsync(file, spec);
            foreach (var verb in (string[])["run", "validate"])
                (await Stack.CliAsync(verb, "-f", file, "--id", "never-2")).Refused(1, [$"{code}", .. fields]);
        }

        using var answer = await Jobs.Http.GetAsync(new Uri(ApiPaths.Job(new("never-2")), UriKind.Relative));
        Assert.Equal(404, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_not_UTF8_is_refused_with_the_place()
    {
        foreach (var path in (string[])[ApiPaths.Jobs, ApiPaths.Validate])
        {
            using var body = new ByteArrayContent([.. "{\"spec\":{\"process\":[\"tr"u8, 0xff, 0xfe, .. "ue\"]}}"u8]);
            body.Headers.ContentType = new("application/json");
            using var answer = await Jobs.Http.PostAsync(new Uri(path, UriKind.Relative), body);
            var problem = JsonSerializer.Deserialize<Problem>(await answer.Content.ReadAsStringAsync(), DispatchJson.Options)!;
            Assert.Equal((422, ErrorCode.InvalidJobSpec), ((int)answer.StatusCode, problem.Code));
            Assert.Contains("not UTF-8", problem.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_workflow_without_argument_with_two_or_with_no_JSON_fails_at_once_as_InvalidJobSpec()
    {
        var client = await Stack.ConnectAsync();

        await RefusedAsync(await client.StartWorkflowAsync(JobNames.Workflow, [], TemporalClientTests.Options("arguments-none")), ["spec"]);
        var spec = TemporalClientTests.Spec("""{"process":["true"]}""");
        await RefusedAsync(await client.StartWorkflowAsync(JobNames.Workflow, [spec, spec], TemporalClientTests.Options("arguments-two")), ["spec"]);
        await RefusedAsync(await client.StartWorkflowAsync(JobNames.Workflow, [null], TemporalClientTests.Options("arguments-null")), ["spec"]);
        await RefusedAsync(await client.StartWorkflowAsync(JobNames.Workflow, ["{\"process\":"], TemporalClientTests.Options("arguments-text")), ["spec"]);
        await RefusedAsync(await client.StartWorkflowAsync(JobNames.Workflow, [new byte[] { 0xff, 0xfe }], TemporalClientTests.Options("arguments-bytes")), ["spec"]);
        var truncated = new Temporalio.Converters.RawValue(new Temporalio.Api.Common.V1.Payload
        {
            Metadata = { ["encoding"] = Google.Protobuf.ByteString.CopyFromUtf8("json/plain") },
            Data = Google.Protobuf.ByteString.CopyFromUtf8("{\"process\":[\"true\""),
        });
        await RefusedAsync(await client.StartWorkflowAsync(JobNames.Workflow, [truncated], TemporalClientTests.Options("arguments-truncated")), ["spec"]);
    }

    private async Task RefusedAsync(WorkflowHandle handle, string[] fields)
    {
        var failure = await TemporalClientTests.FailureAsync(handle);
        Assert.Equal(nameof(ErrorCode.InvalidJobSpec), failure.ErrorType);
        Assert.True(failure.NonRetryable);
        var report = failure.Details.ElementAt<JobReport>(0);
        Assert.Equal((TerminationReason.InvalidJobSpec, ErrorCode.InvalidJobSpec, 0), (report.Reason, report.Error, report.AttemptsUsed));
        // What only the placer can know, the pool, is told by its answer: a sentence.
        Assert.Equal(fields is ["pool"], report.SpecErrors is null);
        Assert.Equal(fields.Order(StringComparer.Ordinal), (report.SpecErrors ?? [new("pool", null, "")]).Select(error => Field(error.Field)).Order(StringComparer.Ordinal));
        Assert.All(fields.Where(field => field != "spec"), field => Assert.Contains(field, failure.Message, StringComparison.Ordinal));
        Assert.Equal([OperationKind.ConversationOpened, OperationKind.ConversationClosed], (await Jobs.OperationsAsync(new(handle.Id))).Operations.Select(operation => operation.Kind));
    }

    private static string Field(string field) => field.Length == 0 ? "spec" : field.StartsWith("constraints[0].values", StringComparison.Ordinal) ? "constraints[0].values" : field;
}
