namespace Dispatch.Contracts.Jobs;

/// <summary>Finds the known name that somebody most likely meant.</summary>
internal static class NearestName
{
    private const int NameCharacters = 40;

    /// <summary>A sentence with the nearest name, or nothing.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > NameCharacters)
            return "";
        var nearest = known
            .Select(candidate => (candidate, distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(entry => entry.distance <= Math.Max(1, Math.Min(name.Length, entry.candidate.Length) / 3))
            .OrderBy(entry => entry.distance)
            .Select(entry => entry.candidate)
            .FirstOrDefault();
        return nearest is null ? "" : $" Did you mean {nearest}?";
    }

    /// <summary>Single-character insertions, deletions, replacements and swaps of neighbours between two texts.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                var best = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                rows[i, j] = best;
            }
        }

        return rows[a.Length, b.Length];
    }
}
