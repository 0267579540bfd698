using Npgsql;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>A key with a number.</summary>
internal sealed record Versioned(string Key, long Version)
{
    public static Versioned Of(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1));
}

/// <summary>A key with a document.</summary>
internal sealed record Keyed(string Key, string Json)
{
    public static Keyed Of(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1));
}
