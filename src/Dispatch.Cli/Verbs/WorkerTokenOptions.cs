using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace Dispatch.Cli.Verbs;

/// <summary>The token that workers bear to the server, on both sides: as it is, or in a file. An option wins over the environment; in neither may both be given.</summary>
internal sealed class WorkerTokenOptions
{
    /// <summary>Longest token, characters.</summary>
    private const int CharactersMax = 4096;

    private readonly Option<string?> text = new("--worker-token") { Description = $"Token that workers bear to the server (also {EnvironmentNames.WorkerToken}); others on the machine see it, a file is better" };

    private readonly Option<string?> file = new("--worker-token-file") { Description = $"File that has that token (also {EnvironmentNames.WorkerTokenFile})" };

    /// <summary>Makes the options.</summary>
    public WorkerTokenOptions()
    {
        text.Validators.Add(result => Check(result, "--worker-token", result.Tokens.Count == 0 ? null : result.Tokens[0].Value));
        file.Validators.Add(result =>
        {
            if (result.Tokens.Count == 0)
                return;
            if (TryRead(result.Tokens[0].Value, out var token, out var why))
                Check(result, $"--worker-token-file {result.Tokens[0].Value}", token);
            else
                result.AddError($"--worker-token-file is '{result.Tokens[0].Value}', which cannot be read: {why}");
        });
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => [text, file];

    /// <summary>The token; null is none.</summary>
    public string? Read(ParseResult parsed)
    {
        if (parsed.GetValue(text) is { } given)
            return parsed.GetValue(file) is null ? given : throw new CliException("--worker-token and --worker-token-file are both given: give one of them");
        if (parsed.GetValue(file) is { } path)
            return FromFile("--worker-token-file", path);
        return (EnvironmentNames.Read(EnvironmentNames.WorkerToken), EnvironmentNames.Read(EnvironmentNames.WorkerTokenFile)) switch
        {
            ({ }, { }) => throw new CliException($"{EnvironmentNames.WorkerToken} and {EnvironmentNames.WorkerTokenFile} are both set: set one of them"),
            (null, { } named) => FromFile(EnvironmentNames.WorkerTokenFile, named),
            ({ } token, null) when Complaint(token) is { } complaint => throw new CliException($"{EnvironmentNames.WorkerToken} {complaint}"),
            var (token, _) => token,
        };
    }

    /// <summary>The token of a server, which needs one where others than this machine reach it.</summary>
    /// <param name="parsed">The line.</param>
    /// <param name="listen">Where the server listens.</param>
    /// <returns>The token; null is none.</returns>
    public string? ReadFor(ParseResult parsed, IPAddress listen)
    {
        var token = Read(parsed);
        return token is not null || IPAddress.IsLoopback(listen) ? token
            : throw new CliException($"--listen is '{listen}' and there is no worker token: whoever reaches the port could pass for a worker and read every spec. Give --worker-token-file or {EnvironmentNames.WorkerToken}, here and to the workers.");
    }

    private static string FromFile(string name, string path)
    {
        if (!TryRead(path, out var token, out var why))
            throw new CliException($"{name} is '{path}', which cannot be read: {why}");
        return Complaint(token) is { } complaint ? throw new CliException($"{name} {path} {complaint}") : token;
    }

    private static bool TryRead(string path, out string token, out string why)
    {
        (token, why) = ("", path.Length == 0 ? "no file is named" : "it is a folder");
        if (path.Length == 0 || Directory.Exists(path))
            return false;
        try
        {
            token = File.ReadAllText(path).Trim();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e.Message;
            return false;
        }
    }

    private static void Check(OptionResult result, string name, string? token)
    {
        if (token is not null && Complaint(token) is { } complaint)
            result.AddError($"{name} {complaint}");
    }

    /// <summary>What is wrong with a token, which itself is never shown.</summary>
    private static string? Complaint(string token) =>
        token.Length == 0 ? "is empty: write a token of printable characters without blanks"
        : token.Length > CharactersMax ? $"has {token.Length} characters: {CharactersMax} is the most"
        : token.Any(c => c is <= ' ' or > '~') ? "has blanks or characters that are not ASCII: write a token of printable characters without blanks"
        : null;
}
