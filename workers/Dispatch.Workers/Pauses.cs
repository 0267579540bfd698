namespace Dispatch.Workers;

/// <summary>Pauses between tries of what the worker cannot do without.</summary>
internal static class Pauses
{
    /// <summary>The first.</summary>
    internal static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);

    /// <summary>No pause is longer.</summary>
    internal static readonly TimeSpan Most = TimeSpan.FromSeconds(2);

    /// <summary>The pause after a pause.</summary>
    internal static TimeSpan After(TimeSpan pause) => pause * 2 < Most ? pause * 2 : Most;
}
