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
        var command = new Command("replay", "Replay saved histories against this build; exit code 1 where one differs");
        var files = new Argument<string[]>("FILE") { Description = "History files (JSON), or folders of them", Arity = ArgumentArity.OneOrMore };
        var format = CommonOptions.Format();
        command.Arguments.Add(files);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            var outcomes = new List<(string File, ReplayOutcome Outcome)>();
            foreach (var file in parsed.GetValue(files)!.SelectMany(HistoryFiles.Named))
                outcomes.Add((file, await JobReplayer.ReplayAsync(HistoryFiles.Read(file), token).ConfigureAwait(false)));
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(outcomes.Select(replayed => new { file = replayed.File, same = replayed.Outcome.Same, events = replayed.Outcome.Events, operations = replayed.Outcome.Operations.Count, differences = replayed.Outcome.Differences }));
            else
                Show(outcomes);
            return outcomes.TrueForAll(replayed => replayed.Outcome.Same) ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static void Show(List<(string File, ReplayOutcome Outcome)> outcomes)
    {
        foreach (var (file, outcome) in outcomes)
        {
            Screen.Line($"{file}: {(outcome.Same ? "the same" : "DIFFERENT")}, {outcome.Events} events, {outcome.Operations.Count} operations");
            foreach (var difference in outcome.Differences)
                Screen.Line(Screen.Plain($"  {difference}"));
        }
    }
}
