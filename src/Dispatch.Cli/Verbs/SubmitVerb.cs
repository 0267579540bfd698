using System.CommandLine;
using System.Text.Json;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;

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

    /// <summary>Makes <c>validate</c>: the server knows what its pools admit; without one the spec is read here.</summary>
    public static Command BuildValidate(IReadOnlyList<string>? workload)
    {
        var command = new Command("validate", "Say everything that is wrong with a spec, without submitting it");
        var spec = new SpecOptions(command, workload);
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            var submission = spec.Read(parsed);
            using var client = parsed.Client(server);
            var answer = await AnswerAsync(client, submission, token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(answer);
            else
                Console.Out.WriteLine("valid");
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<JsonElement> AnswerAsync(DispatchClient client, JobSubmission submission, CancellationToken token)
    {
        try
        {
            return await client.ValidateAsync(submission, token).ConfigureAwait(false);
        }
        catch (NoServerException away)
        {
            var reading = JobSpecReader.Read(submission.Spec);
            if (reading.Spec is null)
                throw new ApiException(Problem.Of(ErrorCode.InvalidJobSpec, errors: reading.Errors));
            Screen.Note($"dispatch: whether its pool admits the spec was not asked: {away.Message}");
            return JsonSerializer.SerializeToElement(new { valid = true, digest = SpecDigest.Of(reading.Spec) }, DispatchJson.Options);
        }
    }
}
