using System.Globalization;
using System.Text.RegularExpressions;
using Dispatch.Server.Jobs;

namespace Dispatch.Server.Tests.Jobs;

public sealed partial class NewestFirstTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 10, 3600)]
    [InlineData(7, 10, 3600)]
    [InlineData(250, 10, 5)]
    [InlineData(250, 10, 86_400)]
    [InlineData(1500, 1000, 3600)]
    [InlineData(700, 25, 0)]
    public async Task Every_run_is_on_one_page_in_the_order_of_starts(int count, int limit, int apart)
    {
        var runs = Enumerable.Range(0, count).Select(n => new Run($"r{n:D5}", Now - TimeSpan.FromSeconds((double)n / 7 * apart), Open: n % 3 == 0)).ToArray();
        // Without a time between them, no more may be there than are listed at once.
        var store = new Store(apart == 0 ? runs[..90] : runs);
        var seen = new List<Run>();
        JobCursor? cursor = null;
        do
        {
            var (page, next) = await store.Newest.PageAsync("all", limit, cursor, Now);
            Assert.True(page.Count <= limit);
            seen.AddRange(page);
            cursor = next is null ? null : JobCursor.TryParse(next.ToString());
            Assert.Equal(next is null, cursor is null);
        }
        while (cursor is not null);

        Assert.Equal(store.Runs.OrderByDescending(run => run.Start).ThenBy(run => run.Id, StringComparer.Ordinal), seen);
    }

    [Theory]
    [InlineData("***")]
    [InlineData("bm8gbnVtYmVy")]
    public void A_text_that_is_no_cursor_is_none(string text) => Assert.Null(JobCursor.TryParse(text));

    private sealed record Run(string Id, DateTimeOffset Start, bool Open);

    /// <summary>Lists as Temporal does: open runs first, then the others by their end.</summary>
    private sealed partial class Store(Run[] runs)
    {
        public Run[] Runs { get; } = runs;

        public NewestFirst<Run> Newest => new(ListAsync, run => run.Start, run => run.Id);

        private Task<(IReadOnlyList<Run> Runs, bool More)> ListAsync(string query, int most)
        {
            var found = Runs.Where(run => Bounds().Matches(query).All(bound => bound.Groups[1].Value == "<" ? run.Start <= Time(bound) : run.Start >= Time(bound)))
                .OrderByDescending(run => run.Open).ThenByDescending(run => run.Start).ToArray();
            return Task.FromResult<(IReadOnlyList<Run>, bool)>((found[..Math.Min(most, found.Length)], found.Length > most));
        }

        private static DateTimeOffset Time(Match bound) => DateTimeOffset.Parse(bound.Groups[2].Value, CultureInfo.InvariantCulture);

        [GeneratedRegex("StartTime (<|>)= '([^']*)'")]
        private static partial Regex Bounds();
    }
}
