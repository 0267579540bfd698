using System.Text;
using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Tests.Docker;

public sealed class DockerSpecTests(DockerEngine engine) : DockerTests(engine)
{
    [Fact]
    public async Task G25_environment_values_arrive_byte_for_byte()
    {
        var values = new Dictionary<string, string>
        {
            ["NL"] = "a\nb\n",
            ["EQ"] = "k=v=w",
            ["DOLLAR"] = "$HOME ${X} $(id)",
            ["SP"] = "  lead and trail  ",
            ["Q"] = "it's \"q\" \\ back",
            ["U"] = "żółć 日本 \u2028 end",
            ["EMPTY"] = "",
            ["PCT"] = "%0A%%",
            ["HASH"] = "#not a comment",
        };
        var (_, output) = await RunAsync(Plan("env", "-0") with { Environment = values });

        var found = output.StdoutText.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.All(values, pair => Assert.Equal(pair.Value, found[pair.Key]));
    }

    [Fact]
    public async Task G26_arguments_arrive_as_given()
    {
        string[] given = ["", "a b", " lead", "it's", "\"dq\"", "back\\slash", "-rf", "--", "*", "$HOME", "line1\nline2", "żé", "tab\there", "%s", "{}", "@file", ""];
        var (_, output) = await RunAsync(Plan("sh", "-c", "for a; do printf '<%s>\\0' \"$a\"; done", "sh") with { Arguments = given });

        Assert.Equal(string.Concat(given.Select(argument => $"<{argument}>\0")), output.StdoutText);
    }

    [Fact]
    public async Task Empty_words_in_the_command_itself_are_kept()
    {
        var (_, output) = await RunAsync(Plan("sh", "-c", "echo $#", "", "", "x"));

        Assert.Equal("2\n", output.StdoutText);
    }

    [Theory]
    [InlineData(131_069, true)]
    [InlineData(131_070, false)]
    public async Task G27_a_value_too_long_for_the_kernel_fails_at_the_start(int length, bool starts)
    {
        var plan = Shell("exit 0") with { Environment = new Dictionary<string, string> { ["V"] = new('x', length) } };
        if (starts)
        {
            Assert.Equal(0, (await RunAsync(plan)).Exit.Code);
            return;
        }

        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(plan));
        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("too long", error.Message, StringComparison.Ordinal);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
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
    public async Task G29_a_number_without_a_passwd_entry_is_a_user()
    {
        var (exit, output) = await RunAsync(Shell("id -u") with { User = "123456" });

        Assert.Equal((0, "123456\n"), (exit.Code, output.StdoutText));
    }

    [Fact]
    public async Task G29_an_unknown_name_is_not_and_is_named()
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Shell("id -u") with { User = "nosuch" }));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("user 'nosuch'", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task Without_any_command_nothing_starts()
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Plan()));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("command", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Input_of_any_bytes_arrives()
    {
        var input = Enumerable.Range(0, 64 * 1024).Select(index => (byte)(index * 7)).ToArray();
        var (_, output) = await RunAsync(Plan("cat") with { Stdin = input });

        Assert.Equal(input, output.Stdout);
        Assert.Equal("", Encoding.UTF8.GetString(output.Stderr));
    }
}
