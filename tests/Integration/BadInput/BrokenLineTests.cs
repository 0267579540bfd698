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

    private static Task<Finished> RunAsync(params string[] line) => RunningProcess.Start(line).EndAsync();
}
