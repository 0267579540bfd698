using System.CommandLine;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch operations</c>: what was recorded of a job's dispatch, from the server or from a saved history.</summary>
internal static class OperationsVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("operations", "Show the operations of a job, or of a saved history");
        var id = new Argument<string?>("ID") { Description = "The job's id", Arity = ArgumentArity.ZeroOrOne }.Checked(OptionChecks.Filled);
        var history = new Option<string?>("--history") { Description = "Read this history file (JSON) instead of asking the server" }.Checked(OptionChecks.Filled);
        var server = CommonOptions.Server();
        var format = CommonOptions.Format();
        command.Arguments.Add(id);
        command.Options.Add(history);
        command.Options.Add(server);
        command.Options.Add(format);
        command.SetAction(async (parsed, token) =>
        {
            var view = await ReadAsync(parsed.GetValue(id), parsed.GetValue(history), () => parsed.Client(server), token).ConfigureAwait(false);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Screen.Json(view);
            else
                Show(view);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Writes the operations as a table.</summary>
    public static void Show(OperationsView view)
    {
        var table = Screen.Table("#", "TIME", "OPERATION", "STATE", "ATTEMPT", "WORKER", "MORE");
        foreach (var operation in view.Operations)
            Screen.Row(table, operation.Sequence.ToString(), Screen.FineTime(operation.Time), operation.Kind.ToString(), State(operation), operation.Attempt?.ToString(), Worker(operation), More(operation));
        Screen.Output.Write(table);
    }

    private static async Task<OperationsView> ReadAsync(string? id, string? history, Func<Client.DispatchClient> connect, CancellationToken token)
    {
        if ((id is null) == (history is null))
            throw new CliException("operations: give a job's id, or --history FILE");
        if (history is not null)
            return HistoryFiles.Operations(history);
        using var client = connect();
        return await client.OperationsAsync(new(id!), token).ConfigureAwait(false);
    }

    private static string Worker(Operation operation) => (operation.Worker, operation.Incarnation) switch
    {
        (null, _) => "",
        ({ } worker, null) => worker.Value,
        ({ } worker, { } incarnation) => $"{worker}:{incarnation}",
    };

    private static string State(Operation operation) => (operation.State, operation.RetryEligible) switch
    {
        (null, _) => "",
        ({ } state, { } eligible) => $"{state}{(eligible ? ", another attempt" : "")}",
        ({ } state, null) => state.ToString(),
    };

    private static string More(Operation operation) => operation.Kind switch
    {
        OperationKind.ConversationOpened => $"pool {operation.Pool}, trigger {operation.Trigger}",
        OperationKind.WorkerSelected => $"{operation.Router}, fence {operation.Fence}",
        OperationKind.MessageSent => $"delivery {operation.Delivery}, receipt within {operation.ReceiptSeconds} s, run {operation.RunSeconds} s",
        OperationKind.MessageReceived => Join(operation.Error, operation.ExitCode is { } code ? $"exit {code}" : null, operation.Message),
        OperationKind.WorkerExited => Join(operation.Cause, operation.Error, operation.Message),
        _ => Join(operation.Reason, operation.ExitCode is { } code ? $"exit {code}" : null, $"attempts {operation.AttemptsUsed}", operation.Message),
    };

    private static string Join(params string?[] parts) => string.Join(", ", parts.Where(part => !string.IsNullOrEmpty(part)));
}
