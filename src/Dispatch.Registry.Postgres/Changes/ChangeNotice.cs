using System.Text.Json;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Postgres.Rows;

namespace Dispatch.Registry.Postgres.Changes;

/// <summary>What one process tells the others in one NOTIFY.</summary>
/// <param name="Origin">Which process.</param>
/// <param name="Changes">The changes.</param>
/// <param name="Joined">By how much each pool's queue has grown.</param>
/// <param name="Everything">Whether there was too much to tell one by one.</param>
internal sealed record ChangeNotice(string Origin, IReadOnlyList<ToldChange> Changes, IReadOnlyDictionary<string, int> Joined, bool Everything)
{
    /// <summary>The channel.</summary>
    public const string Channel = "dispatch_registry";

    /// <summary>Most changes of one notice: PostgreSQL takes 8,000 bytes, and an id has 200 characters at most.</summary>
    private const int BytesMax = 7000;

    /// <summary>Cuts changes into notices.</summary>
    public static IEnumerable<ChangeNotice> Of(string origin, IReadOnlyList<RegistryChange> changes, IReadOnlyDictionary<string, int> joined, bool everything)
    {
        var told = new List<ToldChange>();
        var bytes = 0;
        foreach (var change in changes.Distinct())
        {
            var one = ToldChange.Of(change);
            var size = JsonSerializer.SerializeToUtf8Bytes(one, RowJson.Options).Length + 1;
            if (bytes + size > BytesMax)
            {
                yield return new(origin, told, new Dictionary<string, int>(), Everything: false);
                told = [];
                bytes = 0;
            }

            told.Add(one);
            bytes += size;
        }

        var counted = joined.Where(pair => pair.Value != 0).ToDictionary(StringComparer.Ordinal);
        if (told.Count > 0 || counted.Count > 0 || everything) yield return new(origin, told, counted, everything);
    }

    /// <summary>Reads one; null is a text that no process of ours wrote.</summary>
    public static ChangeNotice? Read(string text)
    {
        try
        {
            return RowJson.Read<ChangeNotice>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string Text() => RowJson.Write(this);
}

/// <summary>A change as it is told.</summary>
internal sealed record ToldChange(int K, string P, string? J, string? R, string? W)
{
    public static ToldChange Of(RegistryChange change) => new((int)change.Kind, change.Pool, change.Job?.Value, change.RunId, change.Worker?.Value);

    public RegistryChange Change() => new((RegistryChangeKind)K, P, J is null ? null : new JobId(J), R, W is null ? null : new WorkerId(W));
}
