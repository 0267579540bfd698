using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Dispatch.Cli;

/// <summary>What is wrong with a command line, one sentence each, without the full stop.</summary>
internal static partial class LineErrors
{
    /// <summary>The command that a line names, as it is typed.</summary>
    public static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } command; at = at.Parent)
            names.Push(command.Command.Name);
        return string.Join(' ', names.Prepend("dispatch"));
    }

    /// <summary>All errors of a line that has some.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0)
            return [WithoutVerb(Path(parsed), command, parsed.UnmatchedTokens)];
        var others = parsed.Errors.Where(error => error.SymbolResult is not CommandResult || !parsed.UnmatchedTokens.Any(word => error.Message.Contains($"'{word}'", StringComparison.Ordinal)));
        return [.. Unknown(Path(parsed), parsed.UnmatchedTokens).Concat(others.Select(error => WrongType().Replace(error.Message, ": write a whole number").TrimEnd('.'))).Distinct()];
    }

    private static string WithoutVerb(string path, Command command, IReadOnlyList<string> words)
    {
        var known = string.Join(", ", command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name));
        return words is not [var word, ..] ? $"`{path}` needs a verb; known: {known}"
            : IsOption(word) ? $"there is no option '{word}' of `{path}`, which needs a verb; known: {known}"
            : $"there is no verb '{word}' of `{path}`; known: {known}";
    }

    /// <summary>What follows an unknown option is taken for its value.</summary>
    private static IEnumerable<string> Unknown(string path, IReadOnlyList<string> words)
    {
        foreach (var option in words.Where(IsOption))
            yield return $"there is no option '{option}' of `{path}`";
        foreach (var word in words.TakeWhile(word => !IsOption(word)))
            yield return $"'{word}' is an argument too many for `{path}`";
    }

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    [GeneratedRegex(" as expected type '[^']*(Int32|Int64)[^']*'\\.?")]
    private static partial Regex WrongType();
}
