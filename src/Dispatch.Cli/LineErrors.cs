using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Dispatch.Cli;

/// <summary>What is wrong with a command line, one sentence each, without the full stop.</summary>
internal static partial class LineErrors
{
    private const string Root = "dispatch";

    /// <summary>The command that a line names, as it is typed; of a word that is no verb, the command above it.</summary>
    public static string Path(ParseResult parsed)
    {
        if (BeforeVerb(parsed) is not null)
            return Root;
        var names = new Stack<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } command; at = at.Parent)
            names.Push(command.Command.Name);
        return string.Join(' ', names.Prepend(Root));
    }

    /// <summary>All errors of a line that has some.</summary>
    /// <param name="parsed">The line as it was read.</param>
    /// <param name="lost">The options without their values, which were left out.</param>
    /// <returns>The sentences.</returns>
    public static IReadOnlyList<string> Of(ParseResult parsed, IReadOnlyList<LostValue> lost)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0)
            return [WithoutVerb(Path(parsed), command, parsed.UnmatchedTokens)];
        if (BeforeVerb(parsed) is { } word)
            return [WithoutVerb(Root, parsed.RootCommandResult.Command, [word])];
        var others = parsed.Errors.Where(error => error.SymbolResult is not CommandResult || !parsed.UnmatchedTokens.Any(word => error.Message.Contains($"'{word}'", StringComparison.Ordinal)));
        return [.. Unknown(Path(parsed), parsed.UnmatchedTokens).Concat(lost.Select(one => one.Sentence))
            .Concat(others.Where(error => !lost.Any(one => one.Explains(error.Message))).Select(Sentence)).Distinct()];
    }

    /// <summary>The word that stands where the verb should, before one that is known: <c>schedule</c> of <c>dispatch schedule list</c>.</summary>
    private static string? BeforeVerb(ParseResult parsed)
    {
        var unknown = parsed.UnmatchedTokens.FirstOrDefault(word => !IsOption(word));
        return parsed.Tokens.TakeWhile(token => token.Type != TokenType.Command).FirstOrDefault(token => token.Value == unknown)?.Value;
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

    /// <summary>The parser's own words; of a value that is no number, ours.</summary>
    private static string Sentence(ParseError error)
    {
        var name = error.SymbolResult switch { OptionResult of => of.Option.Name, ArgumentResult of => of.Argument.Name, _ => null };
        return name is not null && error.SymbolResult!.Tokens is [var value] && NoNumber().IsMatch(error.Message)
            ? $"{name} is '{value.Value}': write a whole number"
            : error.Message.TrimEnd('.');
    }

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    [GeneratedRegex(" as expected type '[^']*(Int32|Int64)[^']*'\\.?$")]
    private static partial Regex NoNumber();
}
