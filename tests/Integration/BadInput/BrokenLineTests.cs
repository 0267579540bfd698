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

    [Theory]
    [InlineData("workers drain", "there is no verb 'drain' of `dispatch workers`; known: list, get; see `dispatch workers --help`")]
    [InlineData("workers", "`dispatch workers` needs a verb; known: list, get; see `dispatch workers --help`")]
    [InlineData("workers --all", "there is no option '--all' of `dispatch workers`, which needs a verb; known: list, get; see `dispatch workers --help`")]
    [InlineData("workers list --limt 5", "there is no option '--limt' of `dispatch workers list`; see `dispatch workers list --help`")]
    [InlineData("list extra", "'extra' is an argument too many for `dispatch list`; see `dispatch list --help`")]
    [InlineData("get", "Required argument 'ID' missing for command: 'get'; see `dispatch get --help`")]
    public async Task A_line_that_is_not_known_has_one_sentence(string line, string sentence)
    {
        var ended = await RunAsync(line.Split(' '));

        Assert.Equal((2, "", $"dispatch: {sentence}\n"), (ended.ExitCode, ended.Out, ended.Error));
    }

    [Theory]
    [InlineData("there is no verb 'schedule' of `dispatch`; known: run, submit, ", "schedule")]
    [InlineData("there is no verb 'schedule' of `dispatch`; known: run, submit, ", "schedule", "list")]
    [InlineData("there is no option '--nope' of `dispatch`, which needs a verb; known: run, ", "--nope")]
    [InlineData("`dispatch` needs a verb; known: run, ")]
    public async Task A_verb_that_does_not_exist_is_answered_with_those_that_do(string sentence, params string[] line)
    {
        var ended = await RunAsync(line);

        Assert.Equal((2, ""), (ended.ExitCode, ended.Out));
        Assert.StartsWith($"dispatch: {sentence}", ended.Error, StringComparison.Ordinal);
        Assert.EndsWith("demo; see `dispatch --help`\n", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("guard", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_is_empty_is_refused_by_its_name() => (await RunAsync("get", "")).Refused(2, "ID is ''");

    [Fact]
    public async Task An_option_whose_value_is_an_empty_variable_of_the_shell_does_not_start_a_role() =>
        (await RunAsync("worker", "--id", "--help")).Refused(2, "--id has no value", "dispatch worker --help");

    [Fact]
    public async Task A_database_in_the_environment_that_is_no_address_is_named_by_its_variable() =>
        (await RunningProcess.Start(["migrate"], new Dictionary<string, string> { ["DISPATCH_DATABASE"] = "garbage" }).EndAsync()).Refused(2, "DISPATCH_DATABASE is 'garbage': write postgres://USER:PASSWORD@");

    [Fact]
    public async Task Temporals_address_in_the_environment_is_checked_beside_the_options() =>
        (await RunningProcess.Start(["workflows", "--profile", "slow"], new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = "here" }).EndAsync()).Refused(2, "TEMPORAL_ADDRESS is 'here': write HOST:PORT", "--profile is 'slow'");

    [Fact]
    public async Task A_token_and_a_file_of_it_in_the_environment_are_refused_as_the_two_options_are()
    {
        var both = new Dictionary<string, string> { ["DISPATCH_WORKER_TOKEN"] = "a", ["DISPATCH_WORKER_TOKEN_FILE"] = "/no/such/token" };
        (await RunningProcess.Start(["worker", "--id", "w"], both).EndAsync()).Refused(2, "DISPATCH_WORKER_TOKEN and DISPATCH_WORKER_TOKEN_FILE are both set");
    }

    private static Task<Finished> RunAsync(params string[] line) => RunningProcess.Start(line).EndAsync();
}
