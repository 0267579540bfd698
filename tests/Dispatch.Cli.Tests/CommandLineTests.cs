namespace Dispatch.Cli.Tests;

public sealed class CommandLineTests
{
    [Fact]
    [Trait("case", "G26")]
    public void What_follows_the_two_dashes_is_kept_word_for_word()
    {
        var line = CommandLine.Split(["run", "--process", "--", "python3", "-c", "", "a b", "--", "-rf", "*"]);
        Assert.Equal(["run", "--process"], line.Own);
        Assert.Equal(["python3", "-c", "", "a b", "--", "-rf", "*"], line.Workload);
    }

    [Fact]
    public void Without_dashes_there_is_no_workload() => Assert.Null(CommandLine.Split(["list"]).Workload);

    [Theory]
    [InlineData("run --id= --detach", "run|--id||--detach")]
    [InlineData("stop x --reason: --now", "stop|x|--reason||--now")]
    [InlineData("run -f= a=", "run|-f||a=")]
    [InlineData("run --env A= --id=b", "run|--env|A=|--id=b")]
    public void An_option_without_a_value_does_not_take_the_next_word(string line, string own) =>
        Assert.Equal(own, string.Join('|', CommandLine.Split(line.Split(' ')).Own));

    [Theory]
    [InlineData("worker --id=", "--id")]
    [InlineData("run --file=", "-f")]
    [InlineData("run --constraint=", "--constraint")]
    [InlineData("dev --data=", "--data")]
    [InlineData("server --worker-token-file=", "--worker-token-file")]
    [InlineData("server --address=", "--address")]
    [InlineData("operations --history=", "--history")]
    [InlineData("list --label=", "--label")]
    [InlineData("list --label=foo", "--label")]
    [InlineData("list --limit=", "--limit")]
    public void An_empty_value_meets_the_check_of_its_option(string line, string option) =>
        Assert.Contains(CliProgram.Build(null).Parse(CommandLine.Split(line.Split(' ')).Own).Errors, error => error.Message.Contains(option, StringComparison.Ordinal));

    [Theory]
    [InlineData("run --outputt json")]
    [InlineData("list --output yaml")]
    [InlineData("stop some-job")]
    [InlineData("priority some-job many --reason why")]
    [InlineData("nonsense")]
    public async Task A_broken_call_ends_with_2(string line) => Assert.Equal(ExitCodes.Usage, await CliProgram.RunAsync(line.Split(' ')));
}
