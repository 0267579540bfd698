using System.CommandLine;
using Dispatch.Cli.Client;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Output;

/// <summary>Says on standard error what went wrong: in words, or as one JSON problem where the verb was asked for JSON.</summary>
internal sealed class ErrorOutput(bool json)
{
    private const string BadCall = "The call is wrong.";
    private const string Failed = "The call failed.";
    private const int BadCallStatus = 400;
    private const int FailedStatus = 500;

    /// <summary>As the command line wants it: also where it is broken, as long as it says <c>--output json</c> to a verb that has it.</summary>
    public static ErrorOutput For(IReadOnlyList<string> line, Command verb)
    {
        if (verb.Options.All(option => option.Name != "--output"))
            return new(json: false);
        for (var at = 0; at < line.Count; at++)
        {
            if (line[at] is "--output=json" or "-o=json" or "--output:json" or "-o:json" or "-ojson"
                || (line[at] is "--output" or "-o" && at + 1 < line.Count && line[at + 1] == "json"))
                return new(json: true);
        }

        return new(json: false);
    }

    /// <summary>The line cannot be read.</summary>
    /// <param name="errors">All that is wrong with it, each without a full stop.</param>
    /// <param name="help">The command that tells how it is written.</param>
    public void Write(IReadOnlyList<string> errors, string help)
    {
        if (json)
        {
            Write(Problem.WithoutCode(BadCallStatus, BadCall, string.Join("\n", errors), $"see `{help}`"));
            return;
        }

        if (errors is [var only])
        {
            Screen.Note($"dispatch: {only}; see `{help}`");
            return;
        }

        foreach (var error in errors)
            Screen.Note($"dispatch: {error}");
        Screen.Note($"dispatch: see `{help}`");
    }

    /// <summary>The server refused.</summary>
    public void Write(ApiException refused)
    {
        if (json)
            Write(refused.Problem);
        else
            Screen.Note(refused.Text);
    }

    /// <summary>Something that the caller can put right.</summary>
    public void Write(CliException error)
    {
        if (error.Code is not { } code)
            Write(error.Message, error.ExitCode);
        else if (json)
            Write(Problem.Of(code, error.Message));
        else
            Screen.Note($"dispatch: {code}: {error.Message}");
    }

    /// <summary>Something that the caller can put right, or that failed outside of us.</summary>
    public void Write(string message, int exitCode)
    {
        var wrong = exitCode == ExitCodes.Usage;
        if (json)
            Write(Problem.WithoutCode(wrong ? BadCallStatus : FailedStatus, wrong ? BadCall : Failed, message, "see what the detail names"));
        else
            Screen.Note($"dispatch: {message}");
    }

    private static void Write(Problem problem) => Screen.Note(Screen.JsonText(problem));
}
