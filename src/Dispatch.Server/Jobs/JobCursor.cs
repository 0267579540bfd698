using System.Globalization;
using System.Text;

namespace Dispatch.Server.Jobs;

/// <summary>Where a page of jobs ended: the start time of its last job, and the runs that were shown of those that started at that same time.</summary>
/// <param name="StartedAt">The start time, UTC.</param>
/// <param name="Shown">The run ids.</param>
internal sealed record JobCursor(DateTimeOffset StartedAt, IReadOnlyList<string> Shown)
{
    private const char Between = ' ';

    /// <inheritdoc/>
    public override string ToString() =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Join(Between, Shown.Prepend(StartedAt.UtcTicks.ToString(CultureInfo.InvariantCulture)))));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static JobCursor? TryParse(string text)
    {
        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, buffer, out var count))
            return null;
        var parts = Encoding.UTF8.GetString(buffer, 0, count).Split(Between);
        return long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks
            ? new(new DateTimeOffset(ticks, TimeSpan.Zero), parts[1..])
            : null;
    }
}
