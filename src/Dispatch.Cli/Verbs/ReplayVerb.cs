using System.CommandLine;
using Dispatch.Cli.Output;
using Dispatch.Workflows.Replay;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch replay</c>: replays saved histories against this build and compares the operations.</summary>
internal static class ReplayVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("replay", "Replay saved histories against this build; exit code 1 where one differs, 2 where one cannot be read");
        var files = new Argument<string[]>("FILE") { Description = "History files (JSON), or folders: every .json in them and below, without following links to folders", Arity = ArgumentArity.OneOrMore };
        var format = CommonOptions.Format();
        command.Arguments.Add(files);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            var replayed = new List<Replayed>();
            foreach (var named in parsed.GetValue(files)!.SelectMany(HistoryFiles.Named))
            {
                if (named.Note is { } note)
                    Screen.Note($"dispatch: {note}");
                else
                    replayed.Add(named.Fault is null ? await ReplayAsync(named.Path, token).ConfigureAwait(false) : new(named.Path, null, named.Fault));
            }

            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(replayed.Select(Json));
            else
                replayed.ForEach(Show);
            return replayed.Exists(file => file.Fault is not null) ? ExitCodes.Usage
                : replayed.TrueForAll(file => file.Outcome!.Same) ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    // A file that cannot be read hides nothing of the others.
    private static async Task<Replayed> ReplayAsync(string file, CancellationToken token)
    {
        try
        {
            return new(file, await JobReplayer.ReplayAsync(HistoryFiles.Read(file), token).ConfigureAwait(false), null);
        }
        catch (CliException e)
        {
            return new(file, null, e.Message);
        }
    }

    private static object Json(Replayed replayed) => replayed.Outcome is { } outcome
        ? new { file = replayed.File, same = outcome.Same, events = outcome.Events, operations = outcome.Operations.Count, differences = outcome.Differences }
        : new { file = replayed.File, same = false, fault = replayed.Fault };

    private static void Show(Replayed replayed)
    {
        if (replayed.Outcome is not { } outcome)
        {
            Screen.Note($"dispatch: {replayed.Fault}");
            return;
        }

        Screen.Line($"{replayed.File}: {(outcome.Same ? "the same" : "DIFFERENT")}, {outcome.Events} events, {outcome.Operations.Count} operations");
        foreach (var difference in outcome.Differences)
            Screen.Line(Screen.Plain($"  {difference}"));
    }

    /// <summary>What came of one file: an outcome, or why it could not be replayed.</summary>
    private sealed record Replayed(string File, ReplayOutcome? Outcome, string? Fault);
}
