using System.CommandLine;
using Dispatch.Registry.Postgres;

namespace Dispatch.Cli.Verbs;

/// <summary>Where the registry's database is.</summary>
internal static class DatabaseOption
{
    /// <summary>Makes the option.</summary>
    /// <param name="more">What the verb adds to its description.</param>
    public static Option<string?> Make(string more = "") => new Option<string?>("--database") { Description = $"The PostgreSQL database of the registry: postgres://USER:PASSWORD@HOST:PORT/NAME, or a connection string (also {EnvironmentNames.Database}, which others on the machine do not see){more}" }
        .Checked(Complaint, secret: true);

    /// <summary>What it says, or the environment; null is neither.</summary>
    public static string? Find(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) ?? FromEnvironment();

    /// <summary>What it says, or the environment.</summary>
    public static string Read(ParseResult parsed, Option<string?> option) =>
        Find(parsed, option)
        ?? throw new CliException($"--database is missing: name the registry's database, such as postgres://dispatch:PASSWORD@127.0.0.1:5432/dispatch, here or in {EnvironmentNames.Database}");

    private static string? FromEnvironment() => EnvironmentNames.Read(EnvironmentNames.Database) is { } named && Complaint(named) is { } complaint
        ? throw new CliException($"{EnvironmentNames.Database}{complaint}")
        : EnvironmentNames.Read(EnvironmentNames.Database);

    /// <summary>A text is shown where it has no place for a password.</summary>
    private static string? Complaint(string text)
    {
        if (!text.AsSpan().ContainsAny("=:@"))
            return $" is '{text}': write {DatabaseAddress.Form}";
        try
        {
            DatabaseAddress.Parse(text);
            return null;
        }
        catch (ArgumentException e)
        {
            return $": {e.Message.Split(" (Parameter", 2)[0]}";
        }
    }
}
