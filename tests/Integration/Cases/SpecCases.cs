using System.Text;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Integration.Tests.Acceptance;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Cases;

/// <summary>What a spec says arrives at the process as it was written.</summary>
[Collection(CaseCollection.Name)]
public sealed class SpecCases(DevFixture fixture) : StackTests(fixture.Stack)
{
    private const string Environment =
        """{"process":["env","-0"],"env":{"NL":"a\nb\n","EQ":"k=v=w","DOLLAR":"$HOME ${X} $(id)","SP":"  lead and trail  ","Q":"it's \"q\" \\ back","U":"żółć 日本 \u2028 end","EMPTY":"","PCT":"%0A%%","HASH":"#not a comment"}}""";

    private const string Script = "import sys,json;print(json.dumps(sys.argv[1:],ensure_ascii=True))";

    private const string Printed =
        """["", "a b", " lead", "it's", "\"dq\"", "back\\slash", "-rf", "--", "*", "$HOME", "line1\nline2", "\u017c\u00e9", "tab\there", "%s", "{}", "@file"]""" + "\n";

    private static readonly string[] Arguments = ["", "a b", " lead", "it's", "\"dq\"", "back\\slash", "-rf", "--", "*", "$HOME", "line1\nline2", "żé", "tab\there", "%s", "{}", "@file"];

    [Fact]
    [Trait("case", "G25")]
    public async Task Environment_values_arrive_byte_for_byte_however_they_were_submitted()
    {
        var file = Path.Combine(Stack.NewFolder(), "spec.json");
        await File.WriteAllTextAsync(file, Environment);
        await Jobs.SubmitAsync(Environment, "G25-http");
        (await Stack.CliAsync("submit", "--id", "G25-cli", "-f", file)).Ok();
        await (await Stack.ConnectAsync()).StartWorkflowAsync(JobNames.Workflow, [TemporalClientTests.Spec(Environment)], TemporalClientTests.Options("G25-temporal"));

        var wanted = JsonSerializer.Deserialize<JsonElement>(Environment).GetProperty("env").EnumerateObject().Select(entry => $"{entry.Name}={entry.Value.GetString()}").ToList();
        Assert.Equal(9, wanted.Count);
        foreach (var id in (string[])["G25-http", "G25-cli", "G25-temporal"])
        {
            Assert.Equal(0, (await Jobs.EndAsync(new(id))).ExitCode);
            var entries = (await Jobs.OutAsync(new(id))).Split('\0');
            Assert.All(wanted, entry => Assert.Contains(entry, entries));
        }
    }

    [Fact]
    [Trait("case", "G26")]
    public async Task Arguments_arrive_as_given()
    {
        var spec = JsonSerializer.Serialize(new { process = (string[])["python3", "-c", Script, .. Arguments] });

        var view = await Jobs.RunAsync(spec);
        var run = await Stack.CliAsync(["run", "--process", "--", "python3", "-c", Script, .. Arguments]);

        Assert.Equal((0, Printed), (view.ExitCode!.Value, await Jobs.OutAsync(view.Id)));
        Assert.Equal(Printed, run.Ok());
    }

    [Fact]
    [Trait("case", "G27")]
    public async Task One_byte_too_much_for_the_kernel()
    {
        const string Retry = """ "retry":{"workerLost":{"max":3},"nonZero":{"max":3}} """;
        Assert.Equal(0, (await Jobs.RunAsync($$$"""{"process":["true"],"env":{"V":"{{{new string('x', 131_069)}}}"}}""")).ExitCode);

        await TooLongAsync($$$"""{"process":["true"],"env":{"V":"{{{new string('x', 131_070)}}}"},{{{Retry}}}}""", "env.V");
        await TooLongAsync($$"""{"process":["true","{{new string('x', 131_072)}}"]}""", "process[1]");

        // What only the whole is too much for is told at the start.
        var much = string.Join(',', Enumerable.Range(0, 30_000).Select(index => $"\"{index}\""));
        Assert.Equal(0, (await Jobs.RunAsync($$"""{"process":["true",{{much}}]}""")).ExitCode);
        Assert.Equal(WorkerState.Ready, Assert.Single(await Jobs.WorkersAsync()).State);
    }

    [Fact]
    [Trait("case", "G28")]
    public async Task A_working_directory_that_does_not_exist_is_not_a_missing_program()
    {
        var view = await Jobs.RunAsync("""{"process":["pwd"],"workingDir":"/no/such/dir"}""");

        Assert.Equal((TerminationReason.StartFailure, ErrorCode.StartFailed, 1), (view.Reason!.Value, view.Error!.Value, view.Report!.AttemptsUsed));
        Assert.Contains("workingDir", view.Message, StringComparison.Ordinal);
        Assert.Contains("/no/such/dir", view.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pwd", view.Message, StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Unset, view.Report.Outcome.Kind);
    }

    private async Task TooLongAsync(string spec, string field)
    {
        var problem = await Jobs.RefusedAsync(ApiPaths.Jobs, JobClient.Submission(spec, null));

        Assert.Equal(ErrorCode.InvalidJobSpec, problem.Code);
        var error = Assert.Single(problem.Errors!);
        Assert.Equal(field, error.Field);
        Assert.Contains("too long", error.Message, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(error.Value ?? "") < 1_000);
    }
}
