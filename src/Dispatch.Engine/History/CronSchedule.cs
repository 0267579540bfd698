using System.Globalization;

namespace Dispatch.Engine.History;

/// <summary>
/// A cron schedule of a workflow: five fields (minute, hour, day of month, month, day of week), a name such as <c>@daily</c>, or
/// <c>@every</c> with a duration. <c>CRON_TZ=</c> or <c>TZ=</c> before it names a time zone; UTC otherwise.
/// </summary>
internal sealed class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly TimeSpan? every;
    private readonly TimeZoneInfo zone;
    private readonly ulong[] fields;
    private readonly bool anyDay;
    private readonly bool anyWeekday;

    private CronSchedule(TimeSpan? every, TimeZoneInfo zone, ulong[] fields, bool anyDay, bool anyWeekday)
    {
        this.every = every;
        this.zone = zone;
        this.fields = fields;
        this.anyDay = anyDay;
        this.anyWeekday = anyWeekday;
    }

    /// <summary>The schedule; null when the text isn't one.</summary>
    public static CronSchedule? TryParse(string text)
    {
        var zone = TimeZoneInfo.Utc;
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !TimeZoneInfo.TryFindSystemTimeZoneById(text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..space], out var named))
            {
                return null;
            }

            zone = named;
            text = text[(space + 1)..].Trim();
        }

        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            return GoDuration.TryParse(text["@every ".Length..].Trim()) is { } period && period >= TimeSpan.FromSeconds(1)
                ? new CronSchedule(period, zone, [], true, true)
                : null;
        }

        var parts = (text switch
        {
            "@yearly" or "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" or "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            _ => text,
        }).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 5)
        {
            return null;
        }

        var fields = new ulong[5];
        return TryField(parts[0], 0, 59, [], out fields[0])
            && TryField(parts[1], 0, 23, [], out fields[1])
            && TryField(parts[2], 1, 31, [], out fields[2])
            && TryField(parts[3], 1, 12, Months, out fields[3])
            && TryField(parts[4], 0, 7, Days, out fields[4])
            ? new CronSchedule(null, zone, WithSunday(fields), IsAny(parts[2]), IsAny(parts[4]))
            : null;
    }

    /// <summary>The first time after <paramref name="now"/>; an <c>@every</c> schedule counts from <paramref name="lastStart"/>.</summary>
    public DateTimeOffset? Next(DateTimeOffset lastStart, DateTimeOffset now)
    {
        if (every is { } period)
        {
            var passed = Math.Max(0, Math.Ceiling((now - lastStart) / period));
            var due = lastStart + period * Math.Max(1, passed);
            return due > now ? due : due + period;
        }

        var local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        var candidate = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0, DateTimeKind.Unspecified).AddMinutes(1);
        var last = candidate.AddYears(5);
        while (candidate < last)
        {
            if (!Has(3, candidate.Month))
            {
                candidate = new DateTime(candidate.Year, candidate.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1);
            }
            else if (!DayMatches(candidate))
            {
                candidate = candidate.Date.AddDays(1);
            }
            else if (!Has(1, candidate.Hour))
            {
                candidate = candidate.Date.AddHours(candidate.Hour + 1);
            }
            else if (!Has(0, candidate.Minute) || zone.IsInvalidTime(candidate))
            {
                candidate = candidate.AddMinutes(1);
            }
            else
            {
                return new DateTimeOffset(candidate, zone.GetUtcOffset(candidate)).ToUniversalTime();
            }
        }

        return null;
    }

    private bool DayMatches(DateTime day)
    {
        var ofMonth = Has(2, day.Day);
        var ofWeek = Has(4, (int)day.DayOfWeek);
        return anyDay || anyWeekday ? ofMonth && ofWeek : ofMonth || ofWeek;
    }

    private bool Has(int field, int value) => (fields[field] & 1UL << value) != 0;

    private static bool IsAny(string field) => field.StartsWith('*') || field.StartsWith('?');

    private static ulong[] WithSunday(ulong[] fields)
    {
        if ((fields[4] & 1UL << 7) != 0)
        {
            fields[4] |= 1;
        }

        return fields;
    }

    private static bool TryField(string text, int first, int last, string[] names, out ulong bits)
    {
        bits = 0;
        foreach (var part in text.Split(','))
        {
            var slash = part.Split('/');
            var step = 1;
            if (slash.Length > 2 || slash.Length == 2 && (!int.TryParse(slash[1], NumberStyles.None, CultureInfo.InvariantCulture, out step) || step < 1))
            {
                return false;
            }

            int from, to;
            if (slash[0] is "*" or "?")
            {
                (from, to) = (first, last);
            }
            else
            {
                var range = slash[0].Split('-');
                if (range.Length > 2 || !TryValue(range[0], first, names, out from))
                {
                    return false;
                }

                to = slash.Length == 2 ? last : from;
                if (range.Length == 2 && !TryValue(range[1], first, names, out to))
                {
                    return false;
                }
            }

            if (from < first || to > last || from > to)
            {
                return false;
            }

            for (var value = from; value <= to; value += step)
            {
                bits |= 1UL << value;
            }
        }

        return true;
    }

    private static bool TryValue(string text, int first, string[] names, out int value)
    {
        var named = Array.IndexOf(names, text.ToLowerInvariant());
        value = named + first;
        return named >= 0 || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
