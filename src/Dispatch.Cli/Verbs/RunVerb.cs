using System.CommandLine;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch run</c>: submits a job, streams its output, exits with its code.</summary>
internal static class RunVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build(IReadOnlyList<string>? workload)
    {
        var command = new Command("run", "Run a job and stream its output; exits with the job's exit code.\n  dispatch run busybox -- echo hello\n  dispatch run --process -- sh -c 'exit 3'");
        var spec = new SpecOptions(command, workload);
        var detach = new Option<bool>("--detach", "-d") { Description = "Print the job's id and leave it running" };
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Options.Add(detach);
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            var submission = spec.Read(parsed);
            using var client = parsed.Client(server);
            if (parsed.GetValue(detach))
            {
                var left = await client.SubmitAsync(submission, token).ConfigureAwait(false);
                Show(left, parsed.GetValue(format));
                await WaitingNote.TellAsync(client, left.Id, token).ConfigureAwait(false);
                return ExitCodes.Success;
            }

            using var run = new AttachedRun(client, parsed.GetValue(format));
            var accepted = await client.SubmitAsync(submission, token).ConfigureAwait(false);
            return await run.RunAsync(accepted.Id).ConfigureAwait(false);
        });
        return command;
    }

    private static void Show(JobAccepted accepted, OutputFormat format)
    {
        if (format == OutputFormat.Json)
            Screen.Json(accepted);
        else
            Console.Out.WriteLine(accepted.Id);
    }
}
