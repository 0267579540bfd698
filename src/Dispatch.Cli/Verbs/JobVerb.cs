using System.CommandLine;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Ids;

namespace Dispatch.Cli.Verbs;

/// <summary>Makes the verbs that ask the server about one job and show the answer.</summary>
internal static class JobVerb
{
    /// <summary>Makes one.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">What it does.</param>
    /// <param name="ask">Asks the server.</param>
    /// <param name="show">Shows the answer to people.</param>
    /// <param name="exit">The exit code; null is success.</param>
    public static Command Build<T>(string name, string description, Func<DispatchClient, JobId, CancellationToken, Task<T>> ask, Action<T> show, Func<T, int>? exit = null)
    {
        var command = new Command(name, description);
        var id = CommonOptions.JobId();
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Arguments.Add(id);
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            using var client = parsed.Client(server);
            var answer = await ask(client, parsed.Job(id), token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(answer);
            else
                show(answer);
            return exit?.Invoke(answer) ?? ExitCodes.Success;
        });
        return command;
    }
}
