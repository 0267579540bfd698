using System.CommandLine;
using Dispatch.Cli.Output;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch submit</c>: submits a job and prints its id. <c>dispatch validate</c>: says what is wrong with a spec.</summary>
internal static class SubmitVerb
{
    /// <summary>Makes <c>submit</c>.</summary>
    public static Command Build(IReadOnlyList<string>? workload)
    {
        var command = new Command("submit", "Submit a job and print its id");
        var spec = new SpecOptions(command, workload);
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            var submission = spec.Read(parsed);
            using var client = parsed.Client(server);
            var accepted = await client.SubmitAsync(submission, token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(accepted);
            else
                Console.Out.WriteLine(accepted.Id);
            await WaitingNote.TellAsync(client, accepted.Id, token).ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Makes <c>validate</c>: no server is needed.</summary>
    public static Command BuildValidate(IReadOnlyList<string>? workload)
    {
        var command = new Command("validate", "Say everything that is wrong with a spec, without submitting it");
        var spec = new SpecOptions(command, workload);
        var format = CommonOptions.Format();
        command.Options.Add(format);
        command.SetAction(parsed =>
        {
            var submission = spec.Read(parsed);
            var reading = Contracts.Jobs.JobSpecReader.Read(System.Text.Encoding.UTF8.GetBytes(submission.Spec.GetRawText()));
            if (reading.Spec is null)
                throw new Client.ApiException(Contracts.Http.Problem.Of(Contracts.Errors.ErrorCode.InvalidJobSpec, errors: reading.Errors));
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(new { valid = true, digest = Contracts.Jobs.SpecDigest.Of(reading.Spec) });
            else
                Console.Out.WriteLine("valid");
            return ExitCodes.Success;
        });
        return command;
    }
}
