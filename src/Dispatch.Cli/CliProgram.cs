using System.CommandLine;
using System.CommandLine.Invocation;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Cli.Verbs;

namespace Dispatch.Cli;

/// <summary>The executable: parses, runs one verb, and turns what went wrong into one clear text and an exit code.</summary>
internal static class CliProgram
{
    /// <summary>Runs one command line.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var line = CommandLine.Split(args);
        var root = Build(line.Workload);
        var (words, lost) = LostValues.Find(root, line.Own);
        var parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var errors = ErrorOutput.For(line.Own, parsed.CommandResult.Command);
        if (lost.Count > 0 || parsed.Errors.Count > 0 && parsed.Action is null or ParseErrorAction)
        {
            errors.Write(LineErrors.Of(parsed, lost), $"{LineErrors.Path(parsed)} --help");
            return ExitCodes.Usage;
        }

        try
        {
            // The verbs that run on take the signals themselves: there is no time-out after which they are cut off.
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (CliException e)
        {
            errors.Write(e);
            return e.ExitCode;
        }
        catch (ApiException e)
        {
            errors.Write(e);
            return ExitCodes.Failure;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Failure;
        }
        catch (IOException e) when (BrokenPipe.Is(e))
        {
            return ExitCodes.BrokenPipe;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            errors.Write(e.Message, ExitCodes.Failure);
            return ExitCodes.Failure;
        }
    }

    /// <summary>The whole tree of verbs.</summary>
    internal static RootCommand Build(IReadOnlyList<string>? workload)
    {
        var root = new RootCommand("Dispatch: a durable dispatcher of container jobs. A job is a workflow; every step of its dispatch is in its history.");
        foreach (var verb in VerbList.All(workload))
            root.Subcommands.Add(verb);
        return root;
    }
}
