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
    [InlineData("run --outputt json")]
    [InlineData("list --output yaml")]
    [InlineData("stop some-job")]
    [InlineData("priority some-job many --reason why")]
    [InlineData("nonsense")]
    public async Task A_broken_call_ends_with_2(string line) => Assert.Equal(ExitCodes.Usage, await CliProgram.RunAsync(line.Split(' ')));
}
