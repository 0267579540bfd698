using Dispatch.Server.Jobs;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Server.Tests.Jobs;

public sealed class JobIdsTests
{
    [Fact]
    public void Later_ids_sort_after_earlier_ones()
    {
        var time = new FakeTimeProvider();
        var ids = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            ids.Add(JobIds.Next(time));
            time.Advance(TimeSpan.FromMilliseconds(7));
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.Matches("^[0-9a-hjkmnp-tv-z]{26}$", id));
    }

    [Fact]
    public void Ids_of_one_moment_differ()
    {
        var time = new FakeTimeProvider();
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => JobIds.Next(time)).Distinct().Count());
    }
}
