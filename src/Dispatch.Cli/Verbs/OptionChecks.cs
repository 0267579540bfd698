using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Dispatch.Cli.Verbs;

/// <summary>Checks of options while the line is read, so that all that is wrong with it is told at once.</summary>
internal static class OptionChecks
{
    /// <summary>Lets an option complain of each value that was given.</summary>
    /// <param name="option">The option.</param>
    /// <param name="complaint">What is wrong with a value, as it goes on after <c>--option is 'value'</c>; null is nothing.</param>
    /// <param name="secret">Whether the value must not be shown.</param>
    /// <returns>The option.</returns>
    public static Option<T> Checked<T>(this Option<T> option, Func<string, string?> complaint, bool secret = false)
    {
        option.Validators.Add(result => Check(result, option.Name, complaint, secret));
        return option;
    }

    /// <summary>Lets an argument complain of each value that was given.</summary>
    public static Argument<T> Checked<T>(this Argument<T> argument, Func<string, string?> complaint)
    {
        argument.Validators.Add(result => Check(result, argument.Name, complaint, secret: false));
        return argument;
    }

    /// <summary>Lets an option take some words only, which the help and the shell's completion know too.</summary>
    /// <param name="option">The option.</param>
    /// <param name="words">The words.</param>
    /// <param name="anyCase">Whether small and capital letters are the same.</param>
    /// <returns>The option.</returns>
    public static Option<T> OneOf<T>(this Option<T> option, IReadOnlyList<string> words, bool anyCase = false)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. words]);
        var comparer = anyCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        return option.Checked(text => words.Contains(text, comparer) ? null : $": write {string.Join(", ", words.SkipLast(1))} or {words[^1]}");
    }

    /// <summary>A whole number in a range; the parser itself refuses what is no number.</summary>
    public static Func<string, string?> Whole(int least, int most = int.MaxValue) => text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && (number < least || number > most)
            ? $": write a whole number {(most == int.MaxValue ? $"of at least {least}" : $"from {least} to {most}")}"
            : null;

    /// <summary>NAME=VALUE.</summary>
    public static string? Pair(string text) => text.IndexOf('=', StringComparison.Ordinal) > 0 ? null : ": write NAME=VALUE";

    /// <summary>Text that is there.</summary>
    public static string? Filled(string text) => text.Length > 0 ? null : ": it must not be empty";

    private static void Check(SymbolResult result, string name, Func<string, string?> complaint, bool secret)
    {
        foreach (var token in result.Tokens)
        {
            if (complaint(token.Value) is { } text)
                result.AddError(secret ? $"{name}{text}" : $"{name} is '{token.Value}'{text}");
        }
    }
}
