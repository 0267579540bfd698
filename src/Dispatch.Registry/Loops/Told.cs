namespace Dispatch.Registry.Loops;

/// <summary>What was told lately, so that it is not told each time that it is met. Safe for several threads.</summary>
/// <param name="time">The monotonic clock.</param>
internal sealed class Told(TimeProvider time)
{
    /// <summary>How long a text is not told again.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromMinutes(10);

    /// <summary>Most texts told within that time; what is beyond is summed up in one more.</summary>
    public const int TextsMax = 200;

    private readonly Lock gate = new();
    private readonly Dictionary<string, long> texts = new(StringComparer.Ordinal);

    /// <summary>What is to be told of something that was met.</summary>
    /// <param name="text">What says it.</param>
    /// <returns>The text where it is news, or that there is more of the kind than is told; null where nothing is.</returns>
    public string? Of(string text)
    {
        lock (gate)
        {
            if (IsFresh(text)) return null;
            if (texts.Count >= TextsMax)
            {
                foreach (var old in texts.Keys.Where(one => !IsFresh(one)).ToArray()) texts.Remove(old);
            }

            var told = texts.Count < TextsMax ? text : $"More is left alone than the {TextsMax} texts of the last {Again.TotalMinutes:0} minutes say.";
            if (IsFresh(told)) return null;
            texts[told] = time.GetTimestamp();
            return told;
        }
    }

    private bool IsFresh(string text) => texts.TryGetValue(text, out var at) && time.GetElapsedTime(at) < Again;
}
