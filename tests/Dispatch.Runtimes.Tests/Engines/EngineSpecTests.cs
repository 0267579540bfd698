using Dispatch.Contracts.Errors;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

public abstract class EngineSpecTests(TestEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task Empty_words_in_the_command_itself_are_kept()
    {
        var (_, output) = await RunAsync(Plan("sh", "-c", "echo $#", "", "", "x"));

        Assert.Equal("2\n", output.StdoutText);
    }

    [Fact, Trait("case", "G28")]
    public async Task G28_a_working_directory_that_does_not_exist_is_created()
    {
        var (exit, output) = await RunAsync(Shell("pwd") with { WorkingDirectory = "/no/such/dir" });

        Assert.Equal((0, "/no/such/dir\n"), (exit.Code, output.StdoutText));
    }

    [Fact]
    public async Task A_relative_command_is_looked_for_in_the_working_directory()
    {
        var (exit, output) = await RunAsync(Plan("./sh", "-c", "echo here") with { WorkingDirectory = "/bin" });

        Assert.Equal((0, "here\n"), (exit.Code, output.StdoutText));
    }

    [Fact]
    public async Task A_command_is_looked_for_in_the_plans_own_path()
    {
        var plan = Plan("sh", "-c", "echo here");
        Assert.Equal("here\n", (await RunAsync(plan with { Environment = new Dictionary<string, string> { ["PATH"] = "/x::/bin" } })).Output.StdoutText);

        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Plan("sh") with { Environment = new Dictionary<string, string> { ["PATH"] = "/x" } }));
        Assert.Equal(ErrorCode.StartFailed, error.Code);
    }

    [Fact]
    public async Task Without_any_command_nothing_starts()
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Plan()));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("command", error.Message, StringComparison.OrdinalIgnoreCase);
    }
}
