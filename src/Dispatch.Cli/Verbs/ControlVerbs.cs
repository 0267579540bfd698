using System.CommandLine;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;

namespace Dispatch.Cli.Verbs;

/// <summary>The commands to a job: <c>stop</c>, <c>extend</c>, <c>priority</c>, <c>pause</c>, <c>unpause</c>.</summary>
internal static class ControlVerbs
{
    /// <summary>Makes all of them.</summary>
    public static IEnumerable<Command> Build()
    {
        var now = new Option<bool>("--now") { Description = "Kill at once instead of asking first" };
        var stop = Verb("stop", "Stop a job: SIGTERM, its grace, SIGKILL", ApiPaths.Stop, parsed => new StopRequest { Mode = parsed.GetValue(now) ? StopMode.Now : StopMode.Graceful });
        stop.Options.Add(now);
        yield return stop;

        var by = new Option<string>("--by") { Description = "How much longer, such as 10m", Required = true };
        var extend = Verb("extend", "Give a running job more time", ApiPaths.Extend, parsed => new ExtendRequest { By = parsed.GetValue(by)! });
        extend.Options.Add(by);
        yield return extend;

        var to = new Argument<int>("PRIORITY") { Description = "0 (last) to 100 (first)" };
        var priority = Verb("priority", "Change the priority of a waiting job", ApiPaths.Priority, parsed => new PriorityRequest { Priority = parsed.GetValue(to) });
        priority.Arguments.Add(to);
        yield return priority;

        yield return Verb("pause", "Hold a waiting job", ApiPaths.Pause, _ => new PauseRequest());
        yield return Verb("unpause", "Let a held job go on", ApiPaths.Unpause, _ => new PauseRequest());
    }

    private static Command Verb(string name, string description, Func<JobId, string> path, Func<ParseResult, CommandRequest> request)
    {
        var command = new Command(name, description);
        var id = CommonOptions.JobId();
        var reason = CommonOptions.Reason();
        var by = CommonOptions.RequestedBy();
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Arguments.Add(id);
        foreach (var option in new Option[] { reason, by, server, format })
            command.Options.Add(option);
        command.SetAction(async (parsed, token) =>
        {
            using var client = parsed.Client(server);
            var body = request(parsed) with { Reason = parsed.GetValue(reason)!, RequestedBy = parsed.GetValue(by)!, CommandId = Guid.NewGuid().ToString("N") };
            var result = await client.CommandAsync(path(parsed.Job(id)), body, token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(result);
            else
                Screen.Line(Screen.Plain(result.Message));
            return result.Applied || result.Report is not null ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }
}
