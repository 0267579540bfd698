namespace Dispatch.Interop.Tests.Comparing;

/// <summary>Ids that a server or an SDK makes: one recorded id stands for one of ours, wherever it occurs, and no other recorded id does.</summary>
internal sealed class IdPairs
{
    private readonly Dictionary<string, string> _ours = [];
    private readonly Dictionary<string, string> _recorded = [];

    /// <summary>Pairs two ids, or says with what one of them was paired before.</summary>
    public string? Pair(string recorded, string ours)
    {
        if (_ours.TryGetValue(recorded, out var known) && known != ours)
            return $"recorded \"{recorded}\" was ours \"{known}\" before, now it is \"{ours}\"";
        if (_recorded.TryGetValue(ours, out var stood) && stood != recorded)
            return $"ours \"{ours}\" stood for recorded \"{stood}\" before, now for \"{recorded}\"";
        (_ours[recorded], _recorded[ours]) = (ours, recorded);
        return null;
    }
}
