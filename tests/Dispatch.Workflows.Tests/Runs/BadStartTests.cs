using System.Text;
using Dispatch.Contracts;
using Dispatch.Contracts.Runs;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>Starts that nobody could run: refused at once, all errors together, and no workflow task fails.</summary>
public sealed class BadStartTests(JobWorld world) : IClassFixture<JobWorld>
{
    [Fact]
    public async Task All_errors_of_a_spec_are_told_at_once()
    {
        using var spec = System.Text.Json.JsonDocument.Parse("""{"process":["x"],"priority":900,"colour":"red","timeouts":{"run":"soon"}}""");
        var run = await RefusedAsync("invalid-spec", spec.RootElement.Clone());
        Assert.Equal(["colour", "priority", "timeouts.run"], run.Report!.SpecErrors!.Select(error => error.Field).Order());
        Assert.Contains("colour", run.Report.Message!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_argument_is_refused() => Says(await RefusedAsync("no-argument"), "missing");

    [Fact]
    public async Task Two_arguments_are_refused() => Says(await RefusedAsync("two-arguments", new { process = new[] { "x" } }, 1), "one argument");

    [Fact]
    public async Task Bytes_are_refused() => Says(await RefusedAsync("not-json", new byte[] { 1, 2, 3 }), "not JSON");

    [Fact]
    public async Task Truncated_json_is_refused() => Says(
        await RefusedAsync("truncated-json", new RawValue(new Payload
        {
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
            Data = ByteString.CopyFrom(Encoding.UTF8.GetBytes("""{"process":["x"]""")),
        })),
        "");

    [Fact]
    public async Task Null_is_refused() => Says(await RefusedAsync("null-argument", [null]), "missing");

    private static void Says(JobRun run, string text) => Assert.Contains(text, run.Report!.Message!, StringComparison.Ordinal);

    private async Task<JobRun> RefusedAsync(string id, params object?[] arguments)
    {
        var handle = await world.Client.StartWorkflowAsync(JobNames.Workflow, arguments!, new WorkflowOptions(id, JobNames.TaskQueue));
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Closed(InvalidJobSpec)", run.Steps);
        Assert.Equal("InvalidJobSpec", run.FailureType);
        Assert.Equal(TerminationReason.InvalidJobSpec, run.Report!.Reason);
        Assert.Equal(0, run.Count(EventType.WorkflowTaskFailed));
        Assert.Empty(run.Asks);
        return run;
    }
}
