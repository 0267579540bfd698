using Npgsql;

namespace Dispatch.Registry.Postgres;

/// <summary>Where a database is: the connection string, and a name without secrets for messages.</summary>
/// <param name="ConnectionString">As Npgsql writes it.</param>
/// <param name="Name">Such as <c>dispatch at localhost:5432</c>.</param>
public sealed record DatabaseAddress(string ConnectionString, string Name)
{
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
                : new NpgsqlConnectionStringBuilder(Defaults + text);
        }
        catch (Exception error) when (error is ArgumentException or UriFormatException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            throw new ArgumentException($"The database's address cannot be read: {error.Message.TrimEnd('.')}. Write postgres://user:password@host:port/database or Host=…;Username=…;Database=….", nameof(text), error);
        }

        if (string.IsNullOrEmpty(builder.Host))
            throw new ArgumentException("The database's address names no host. Write postgres://user:password@host:port/database or Host=…;Username=…;Database=….", nameof(text));
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
            builder[NameOf(Uri.UnescapeDataString(pair[0]))] = pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : "";
        }

        return builder;
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
