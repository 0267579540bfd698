using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Reading;

namespace Registry.Suite;

public abstract class ReadingSuite(IRegistryMaker maker) : RegistrySuite(maker)
{
    [Fact]
    public async Task Jobs_are_listed_newest_first_page_by_page()
    {
        for (var i = 0; i < 25; i++) await Desk.AskAsync(Desk.Ask($"j{i:00}"));
        var listed = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Desk.Registry.ListJobsAsync(new JobRowQuery { Limit = 10, Cursor = cursor }, None);
            Assert.InRange(page.Rows.Count, 1, 10);
            listed.AddRange(page.Rows.Select(row => row.Job.Value));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"j{i:00}"), listed);
    }

    [Fact]
    public async Task Jobs_are_found_by_state_text_worker_and_settled()
    {
        await Desk.RegisterAsync("w1");
        await Desk.HeldAsync("held", "w1");
        await Desk.AskAsync(Desk.Ask("waits"));
        await Desk.AskAsync(Desk.Ask("done"));
        await Desk.SettleAsync("done");
        Assert.Equal(["waits"], await ListAsync(new JobRowQuery { States = [LeaseState.Waiting] }));
        Assert.Equal(["held"], await ListAsync(new JobRowQuery { Worker = new("w1") }));
        Assert.Equal(["done"], await ListAsync(new JobRowQuery { Settled = true }));
        Assert.Equal(["waits", "held"], await ListAsync(new JobRowQuery { Settled = false }));
        Assert.Equal(["waits"], await ListAsync(new JobRowQuery { Contains = "AIT" }));
        Assert.Empty(await ListAsync(new JobRowQuery { Pool = "slow" }));
        Assert.Empty(await ListAsync(new JobRowQuery { ChangedBefore = Desk.Time.GetUtcNow() }));
    }

    [Fact]
    public async Task A_page_that_looked_at_its_limit_of_rows_has_a_cursor()
    {
        var small = await NewDeskAsync(new RegistryOptions { ListScanMax = 3 });
        for (var i = 0; i < 5; i++) await small.AskAsync(small.Ask($"j{i}"));
        var page = await small.Registry.ListJobsAsync(new JobRowQuery { Contains = "j0" }, None);
        Assert.Empty(page.Rows);
        var next = await small.Registry.ListJobsAsync(new JobRowQuery { Contains = "j0", Cursor = page.Next }, None);
        Assert.Equal("j0", next.Rows.Single().Job.Value);
    }

    [Fact]
    public async Task Workers_are_listed_by_id_and_pools_counted()
    {
        await Desk.RegisterAsync("w2");
        await Desk.RegisterAsync("w1");
        await Desk.HeldAsync("a", "w1");
        await Desk.AskAsync(Desk.Ask("b"));
        var first = await Desk.Registry.ListWorkersAsync(new WorkerQuery { Limit = 1 }, None);
        Assert.Equal("w1", first.Workers.Single().Row.Worker.Value);
        var second = await Desk.Registry.ListWorkersAsync(new WorkerQuery { Limit = 1, Cursor = first.Next }, None);
        Assert.Equal(("w2", null), (second.Workers.Single().Row.Worker.Value, second.Next));
        var counts = await Desk.Registry.CountPoolAsync("default", None);
        Assert.Equal((1, 1, 2), (counts.Waiting, counts.Leased, counts.Workers[WorkerState.Ready]));
        Assert.NotNull(counts.OldestWaiting);
    }

    [Fact]
    public async Task Settled_rows_are_kept_within_number_and_age_and_held_ones_are_not_removed()
    {
        var small = await NewDeskAsync(new RegistryOptions { SettledRowsMax = 2 });
        await small.RegisterAsync("w1");
        await small.HeldAsync("held", "w1");
        await small.SettleAsync("held");
        for (var i = 0; i < 5; i++)
        {
            await small.AskAsync(small.Ask($"j{i}"));
            await small.SettleAsync($"j{i}");
        }

        await small.Registry.PurgeAsync(None);
        Assert.Equal(["j4", "held"], (await small.Registry.ListJobsAsync(new JobRowQuery(), None)).Rows.Select(row => row.Job.Value));
        small.Time.Advance(TimeSpan.FromHours(25));
        await small.Registry.PurgeAsync(None);
        Assert.Equal(["held"], (await small.Registry.ListJobsAsync(new JobRowQuery(), None)).Rows.Select(row => row.Job.Value));
    }

    private async Task<IEnumerable<string>> ListAsync(JobRowQuery query) => (await Desk.Registry.ListJobsAsync(query, None)).Rows.Select(row => row.Job.Value);
}
