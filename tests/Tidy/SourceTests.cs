using System.Text.RegularExpressions;

namespace Dispatch.Tidy.Tests;

public sealed partial class SourceTests
{
    private const int LinesMax = 300;
    private const int EngineLinesMax = 9_000;

    private static IReadOnlyList<string> Product => Repository.Sources("src", "workflows", "workers");

    [Fact]
    public void A_file_holds_one_idea()
    {
        var long_ = Product.Select(file => (File: file, Lines: Repository.Read(file).Count(c => c == '\n'))).Where(file => file.Lines > LinesMax);
        Assert.Empty(long_.Select(file => $"{file.File} has {file.Lines} lines; past {LinesMax} it hides two ideas"));
    }

    [Fact]
    public void The_engine_stays_the_smaller_half()
    {
        var lines = Repository.Sources("src/Dispatch.Engine").Sum(file => Repository.Read(file).Split('\n').Count(IsCode));
        Assert.True(lines < EngineLinesMax, $"the engine has {lines} lines of code; it must stay under {EngineLinesMax}");
    }

    [Fact]
    public void Names_say_what_a_thing_does()
    {
        Assert.All(Product, file => Assert.DoesNotMatch(SaysLittle(), Path.GetFileName(file)));
    }

    [Fact]
    public void Namespaces_are_folders()
    {
        Assert.Empty(Product.Where(file => FileNamespace().Match(Repository.Read(file)) is { Success: true } found && found.Groups[1].Value != NamespaceOf(file))
            .Select(file => $"{file} is in namespace {FileNamespace().Match(Repository.Read(file)).Groups[1].Value}; its folder says {NamespaceOf(file)}"));
    }

    [Fact]
    public void Nothing_is_left_to_be_done_later()
    {
        var forbidden = new[] { "TO" + "DO", "FIX" + "ME", "HA" + "CK:", "NotImplemented" + "Exception", "Thread." + "Sleep(", "async " + "void" };
        Assert.Empty(Product.SelectMany(file => forbidden.Where(word => Repository.Read(file).Contains(word, StringComparison.Ordinal)).Select(word => $"{file}: {word}")));
    }

    [Fact]
    public void Workflow_code_never_leaves_its_scheduler()
    {
        var forbidden = new[] { "ConfigureAwait(false)", "Task.Run(", "Task.Delay(", "DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.UtcNow", "Guid.NewGuid(", "new Random(" };
        var workflows = Repository.Sources("workflows").Where(file => file.EndsWith(".workflow.cs", StringComparison.Ordinal));
        Assert.Empty(workflows.SelectMany(file => forbidden.Where(word => Repository.Read(file).Contains(word, StringComparison.Ordinal)).Select(word => $"{file}: {word}")));
    }

    private static bool IsCode(string line) => line.Trim() is { Length: > 0 } text && !text.StartsWith("//", StringComparison.Ordinal);

    private static string NamespaceOf(string file) => string.Join('.', file.Split('/')[1..^1]);

    [GeneratedRegex("(Manager|Helpers?|Utils?|Common|Misc|Impl)\\.cs$")]
    private static partial Regex SaysLittle();

    [GeneratedRegex("^namespace ([A-Za-z0-9_.]+);", RegexOptions.Multiline)]
    private static partial Regex FileNamespace();
}
