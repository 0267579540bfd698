using System.Data.Common;
using Npgsql;

namespace Dispatch.Registry.Postgres;

/// <summary>Where a database is: the connection string, and a name without secrets for messages.</summary>
/// <param name="ConnectionString">As Npgsql writes it.</param>
/// <param name="Name">Such as <c>dispatch at localhost:5432</c>.</param>
public sealed record DatabaseAddress(string ConnectionString, string Name)
{
    /// <summary>How an address is written.</summary>
    public const string Form = "postgres://USER:PASSWORD@HOST:PORT/NAME or Host=…;Username=…;Password=…;Database=…";

    private const int DefaultPort = 5432;

    /// <summary>Unless the address asks for it: trying Kerberos first prints errors where its library is missing, as in most images.</summary>
    private const string Defaults = "GSS Encryption Mode=Disable;";

    /// <summary>Reads an address.</summary>
    /// <param name="text"><c>postgres://user:password@host:port/database?setting=value</c> (also <c>postgresql://</c>), or <c>Host=…;Username=…;Database=…</c>.</param>
    /// <returns>The address.</returns>
    /// <exception cref="ArgumentException">It cannot be read; the message says what is wrong and never repeats the text, which may hold a password.</exception>
    public static DatabaseAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal)
                ? OfUri(new Uri(text))
                : OfPairs(text);
        }
        catch (Exception error) when (error is ArgumentException or UriFormatException)
        {
            throw new ArgumentException($"The database's address cannot be read: {error.Message.TrimEnd('.')}. Write {Form}.", nameof(text), error);
        }

        if (string.IsNullOrEmpty(builder.Host))
            throw new ArgumentException($"The database's address names no host. Write {Form}.", nameof(text));
        var database = builder.Database ?? builder.Username ?? "postgres";
        return new(builder.ConnectionString, $"{database} at {builder.Host}:{builder.Port}");
    }

    private static NpgsqlConnectionStringBuilder OfUri(Uri uri)
    {
        var builder = new NpgsqlConnectionStringBuilder(Defaults) { Host = uri.Host, Port = uri.Port > 0 ? uri.Port : DefaultPort };
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) builder.Password = Uri.UnescapeDataString(user[1]);
        if (uri.AbsolutePath.Length > 1) builder.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        foreach (var setting in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = setting.Split('=', 2);
            Set(builder, Uri.UnescapeDataString(pair[0]), pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : "");
        }

        return builder;
    }

    private static NpgsqlConnectionStringBuilder OfPairs(string text)
    {
        var builder = new NpgsqlConnectionStringBuilder(Defaults);
        var pairs = new DbConnectionStringBuilder { ConnectionString = text };
        foreach (string name in pairs.Keys) Set(builder, name, (string)pairs[name]);
        return builder;
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        var known = builder.ContainsKey(NameOf(name));
        try
        {
            builder[NameOf(name)] = value;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or KeyNotFoundException or InvalidCastException)
        {
            throw new ArgumentException(
                known ? $"setting '{name}' cannot have the value it is given" : $"there is no setting '{name}' (known are sslmode, application_name, connect_timeout, gssencmode and those of Npgsql)", error);
        }
    }

    /// <summary>libpq's names of settings where Npgsql has others.</summary>
    private static string NameOf(string setting) => setting switch
    {
        "sslmode" => "SSL Mode",
        "application_name" => "Application Name",
        "connect_timeout" => "Timeout",
        "gssencmode" => "GSS Encryption Mode",
        "host" => "Host",
        _ => setting,
    };
}
