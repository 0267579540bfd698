using System.Text.RegularExpressions;

namespace Dispatch.Tidy.Tests;

public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents() => ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "infra/README.md"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Paths_that_a_document_names_exist(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        Assert.All(
            PathInBackticks().Matches(Repository.Read(document)).Select(match => match.Groups[1].Value),
            path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)) || Path.Exists(Path.Combine(folder, path)), $"{document} names {path}, which is not there"));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Make_targets_that_a_document_names_exist(string document)
    {
        var targets = Target().Matches(Repository.Read("Makefile")).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.All(MakeInDocument().Matches(Repository.Read(document)).Select(match => match.Groups[1].Value), target => Assert.Contains(target, targets));
    }

    [Fact]
    public void Commands_that_the_readme_shows_are_understood()
    {
        var commands = CommandInDocument().Matches(Repository.Read("README.md")).Select(match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Empty(Errors(Words(command))));
    }

    [Fact]
    public void The_compose_file_starts_what_the_program_accepts()
    {
        var command = Regex.Match(Repository.Read("docker-compose.yml"), "command: \\[(.*)\\]").Groups[1].Value;
        Assert.Empty(Errors([.. Regex.Matches(command, "\"([^\"]*)\"").Select(match => match.Groups[1].Value)]));
    }

    private static IEnumerable<string> Errors(string[] words)
    {
        var line = Cli.CommandLine.Split(words);
        return Cli.CliProgram.Build(line.Workload).Parse(line.Own).Errors.Select(error => $"{string.Join(' ', words)}: {error.Message}");
    }

    /// <summary>Words as a shell would cut them, as far as the documents need it.</summary>
    private static string[] Words(string command) => [.. ShellWord().Matches(command).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Value)];

    [GeneratedRegex("`((?:src|tests|workflows|workers|infra)/[A-Za-z0-9_./-]*|[A-Z]+\\.md|\\.\\./[a-z.-]+)`")]
    private static partial Regex PathInBackticks();

    [GeneratedRegex("^([a-z-]+):", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex("(?:^|`)make ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex MakeInDocument();

    [GeneratedRegex("^\\./dispatch ([^#\n]*)", RegexOptions.Multiline)]
    private static partial Regex CommandInDocument();

    [GeneratedRegex("'([^']*)'|[^\\s']+")]
    private static partial Regex ShellWord();
}
