namespace Dispatch.Workers.Guard;

/// <summary>Which attempts' folders are looked into at a tick. A worker may keep the folders of thousands of closed attempts: those without a permission are looked at rarely.</summary>
internal sealed class AttemptFolders(string parent)
{
    /// <summary>A folder is looked into at every tick for this long after it was first seen, in nanoseconds: its permission is written when it is made.</summary>
    internal const long FreshFor = 60_000_000_000;

    /// <summary>How often one without a permission is looked into after that, in nanoseconds.</summary>
    internal const long LookEvery = 10_000_000_000;

    /// <summary>The list is read again for this long after the last change of the parent, whose time is coarse.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private Dictionary<string, Entry> _entries = [];
    private DateTime _changedAt, _readAt;

    /// <summary>The folders to look into now.</summary>
    internal List<string> Due(long now)
    {
        Refresh(now);
        var due = new List<string>();
        foreach (var (folder, entry) in _entries)
        {
            if (entry.HasPermission || now - entry.FirstSeenAt < FreshFor || now - entry.LookedAt >= LookEvery)
            {
                entry.LookedAt = now;
                due.Add(folder);
            }
        }

        return due;
    }

    /// <summary>What was found in one.</summary>
    internal void Seen(string folder, bool hasPermission)
    {
        if (_entries.TryGetValue(folder, out var entry))
        {
            entry.HasPermission = hasPermission;
        }
    }

    private void Refresh(long now)
    {
        var changedAt = Directory.GetLastWriteTimeUtc(parent);
        if (changedAt == _changedAt && _readAt - changedAt > Settled)
        {
            return;
        }

        (_changedAt, _readAt) = (changedAt, DateTime.UtcNow);
        var entries = new Dictionary<string, Entry>();
        if (Directory.Exists(parent))
        {
            foreach (var folder in Directory.EnumerateDirectories(parent))
            {
                entries[folder] = _entries.GetValueOrDefault(folder) ?? new Entry { FirstSeenAt = now };
            }
        }

        _entries = entries;
    }

    private sealed class Entry
    {
        internal required long FirstSeenAt { get; init; }

        internal long LookedAt { get; set; }

        internal bool HasPermission { get; set; }
    }
}
