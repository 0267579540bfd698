using System.Reflection;
using Dapper;
using Npgsql;

namespace Dispatch.Registry.Postgres.Migrations;

/// <summary>Whether the schema has what its migrations made: <c>schema.txt</c> has a line for each column, index, constraint, trigger, sequence and function of a database just migrated.</summary>
internal static class SchemaCheck
{
    private const string File = "schema.txt";
    private const int NamedMax = 5;

    /// <summary>What there is, in the words of the file; what is more than that is nobody's concern.</summary>
    private const string Sql = $"""
        WITH t AS (SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = '{DatabaseMigrations.Schema}' AND c.relkind IN ('r', 'p') AND c.relname <> '{DatabaseMigrations.JournalTable}')
        SELECT 'column ' || t.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) FROM t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped
        UNION ALL SELECT 'constraint ' || t.relname || '.' || k.conname FROM t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype IN ('c', 'f', 'p', 'u')
        UNION ALL SELECT 'index ' || t.relname || '.' || i.relname FROM t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
            WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid)
        UNION ALL SELECT 'trigger ' || t.relname || '.' || g.tgname FROM t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal AND g.tgenabled = 'O'
        UNION ALL SELECT 'sequence ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = '{DatabaseMigrations.Schema}' AND c.relkind = 'S' AND c.relname NOT LIKE '{DatabaseMigrations.JournalTable}%'
        UNION ALL SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = '{DatabaseMigrations.Schema}'
        """;

    /// <summary>What a database of this program has.</summary>
    public static IReadOnlyList<string> Expected { get; } = ReadFile();

    /// <summary>What a database has.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection connection) =>
        [.. (await connection.QueryAsync<string>(Sql).ConfigureAwait(false)).Order(StringComparer.Ordinal)];

    /// <summary>What a database lacks, a whole table as one.</summary>
    public static IReadOnlyList<string> Lacking(IReadOnlyList<string> found)
    {
        var there = found.ToHashSet(StringComparer.Ordinal);
        var tables = found.Where(line => line.StartsWith("column ", StringComparison.Ordinal)).Select(TableOf).ToHashSet(StringComparer.Ordinal);
        return [.. Expected.Where(line => !there.Contains(line)).Select(line => TableOf(line) is { } table && !tables.Contains(table) ? $"table {table}" : line).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Whether the tables are Dispatch's, of whatever version: most of what this version has is there.</summary>
    public static bool IsOurs(IReadOnlyList<string> found) => found.Intersect(Expected, StringComparer.Ordinal).Count() * 2 > Expected.Count;

    /// <summary>What is lacking in words, the first few of it.</summary>
    public static string Text(IReadOnlyList<string> lacking) =>
        string.Join(", ", lacking.Take(NamedMax)) + (lacking.Count > NamedMax ? $" and {lacking.Count - NamedMax} more" : "");

    private static string? TableOf(string line) => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split('.') is [var table, _] ? table : null;

    private static string[] ReadFile()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(File) ?? throw new InvalidOperationException($"The assembly has no {File}.");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}
