using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.BadInput;

/// <summary>Command lines that are wrong by themselves: no server is needed to say so.</summary>
public sealed class BrokenLineTests
{
    [Fact]
    public async Task All_that_is_wrong_with_a_line_is_told_at_once()
    {
        var ended = await RunAsync(
            "worker", "--id", "w", "--cpu", "none", "--memory", "much", "--unit", "gpu", "--label", "zone", "--runtimes", "docker,podmann", "--docker", "nowhere", "--server", "here", "--worker-token-file", "/no/such/token");
        ended.Refused(2, "--cpu is 'none'", "--memory is 'much'", "--unit is 'gpu'", "--label is 'zone'", "'podmann' is none", "--docker is 'nowhere'", "--server is 'here'", "/no/such/token", "dispatch worker --help");
    }

    [Fact]
    public async Task A_spec_of_options_has_all_its_errors_told_too()
    {
        var ended = await RunAsync("run", "--env", "A", "--label", "b", "--constraint", "zone ~ a", "--process", "--", "true");
        ended.Refused(2, "--env is 'A'", "--label is 'b'", "zone ~ a", "NAME=VALUE");
    }

    [Theory]
    [InlineData("list --output json --limit many --server nowhere", "many", "nowhere")]
    [InlineData("get some-job -o json --server http://127.0.0.1:1", "http://127.0.0.1:1", "DISPATCH_SERVER")]
    public async Task A_verb_that_was_asked_for_JSON_says_its_errors_in_JSON(string line, params string[] parts)
    {
        var ended = await RunAsync(line.Split(' '));
        Assert.Equal((2, ""), (ended.ExitCode, ended.Out));
        var problem = JsonSerializer.Deserialize<Problem>(ended.Error, DispatchJson.Options)!;
        Assert.Equal((Problem.Untyped, null), (problem.Type, problem.Code));
        Assert.All(parts, part => Assert.Contains(part, problem.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_id_that_is_empty_is_refused_by_its_name() => (await RunAsync("get", "")).Refused(2, "ID is ''");

    private static Task<Finished> RunAsync(params string[] line) => RunningProcess.Start(line).EndAsync();
}
