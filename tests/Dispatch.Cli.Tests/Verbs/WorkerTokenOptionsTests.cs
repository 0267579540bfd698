using System.CommandLine;
using System.Net;
using Dispatch.Cli.Verbs;

namespace Dispatch.Cli.Tests.Verbs;

public sealed class WorkerTokenOptionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dispatch-token-");

    [Fact]
    public void A_file_gives_the_token_without_the_newline_at_its_end()
    {
        var file = Write("s3cret\n");
        Assert.Equal("s3cret", Read("--worker-token-file", file));
    }

    [Fact]
    public void A_text_is_the_token() => Assert.Equal("s3cret", Read("--worker-token", "s3cret"));

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var file = Path.Combine(_folder.FullName, "none");
        Assert.Contains(file, Assert.Single(Errors("--worker-token-file", file)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_its_place_is_told_to_be_one() =>
        Assert.Contains("it is a folder", Assert.Single(Errors("--worker-token-file", _folder.FullName)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("two words", "blanks")]
    [InlineData("clé", "not ASCII")]
    public void A_token_that_no_header_can_carry_is_refused_and_not_shown(string token, string complaint)
    {
        var error = Assert.Single(Errors("--worker-token-file", Write(token)));
        Assert.Contains(complaint, error, StringComparison.Ordinal);
        Assert.True(token.Length == 0 || !error.Contains(token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    public void A_server_that_others_reach_needs_one(string listen)
    {
        var (options, command) = Make();
        Assert.Contains("there is no worker token", Assert.Throws<CliException>(() => options.ReadFor(command.Parse([]), IPAddress.Parse(listen))).Message, StringComparison.Ordinal);
        Assert.Equal("s3cret", options.ReadFor(command.Parse(["--worker-token", "s3cret"]), IPAddress.Parse(listen)));
        Assert.Null(options.ReadFor(command.Parse([]), IPAddress.Loopback));
    }

    [Fact]
    public void One_that_is_given_twice_is_refused() =>
        Assert.Contains("give one of them", Assert.Throws<CliException>(() => Read("--worker-token", "a", "--worker-token-file", Write("b"))).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);

    private static string? Read(params string[] line)
    {
        var (options, command) = Make();
        return options.Read(command.Parse(line));
    }

    private static string[] Errors(params string[] line) => [.. Make().Command.Parse(line).Errors.Select(error => error.Message)];

    private static (WorkerTokenOptions Options, RootCommand Command) Make()
    {
        var options = new WorkerTokenOptions();
        var command = new RootCommand();
        foreach (var option in options.Options)
            command.Options.Add(option);
        return (options, command);
    }

    private string Write(string text)
    {
        var file = Path.Combine(_folder.FullName, "token");
        File.WriteAllText(file, text);
        return file;
    }
}
