using System.Text;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Client;

/// <summary>The server refused, with a problem of the catalogue.</summary>
internal sealed class ApiException(Problem problem) : Exception(problem.Detail ?? problem.Title)
{
    /// <summary>The whole answer.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>Code, what happened, every field that is wrong, and what to do: as people read it on standard error.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder($"dispatch: {Problem.Code?.ToString() ?? Problem.Title}: {(Problem.Errors is null ? Problem.Detail ?? Problem.Title : Problem.Title)}");
            foreach (var error in Problem.Errors ?? [])
            {
                text.Append('\n').Append("  ").Append(error.Field.Length == 0 ? "spec" : error.Field);
                if (error.Value is { } value)
                    text.Append(" = ").Append(Output.Screen.Plain(value));
                text.Append(": ").Append(error.Message);
            }

            return text.Append('\n').Append("  ").Append(Problem.Remedy).ToString();
        }
    }
}
