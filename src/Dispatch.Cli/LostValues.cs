using System.CommandLine;
using System.Text.RegularExpressions;

namespace Dispatch.Cli;

/// <summary>An option that was given without the value it needs, such as one whose value was a variable of the shell that is empty.</summary>
/// <param name="Option">The option's name.</param>
/// <param name="Sentence">What is wrong, without the full stop.</param>
internal sealed record LostValue(string Option, string Sentence)
{
    /// <summary>Whether the parser says of the line without the option that it is missing: that follows from this.</summary>
    public bool Explains(string error) => error.Contains($"'{Option}' is required", StringComparison.Ordinal);
}

/// <summary>Finds the options of a line whose value is lost: the parser would take the option that follows for the value.</summary>
internal static partial class LostValues
{
    /// <summary>Reads a line.</summary>
    /// <param name="root">All verbs.</param>
    /// <param name="own">The line.</param>
    /// <returns>The line without the options that have lost their value, and these.</returns>
    public static (IReadOnlyList<string> Words, IReadOnlyList<LostValue> Lost) Find(Command root, IReadOnlyList<string> own)
    {
        var (words, lost, command) = (new List<string>(), new List<LostValue>(), root);
        for (var at = 0; at < own.Count; at++)
        {
            var word = own[at];
            if (ValueOption(command, word) is not { } option)
            {
                words.Add(word);
                command = command.Subcommands.FirstOrDefault(verb => verb.Name == word) ?? command;
            }
            else if (at + 1 == own.Count)
            {
                lost.Add(new(option.Name, $"{word} has no value"));
            }
            else if (LikeOption().IsMatch(own[at + 1]))
            {
                lost.Add(new(option.Name, $"{word} has no value: '{own[at + 1]}' is read as an option; write {word}={own[at + 1]} where it is the value"));
            }
            else
            {
                words.AddRange([word, own[++at]]);
            }
        }

        return (words, lost);
    }

    private static Option? ValueOption(Command command, string word) =>
        command.Options.FirstOrDefault(option => option.Arity.MinimumNumberOfValues > 0 && (option.Name == word || option.Aliases.Contains(word)));

    /// <summary>Negative numbers are none.</summary>
    [GeneratedRegex("^--?[A-Za-z]")]
    private static partial Regex LikeOption();
}
