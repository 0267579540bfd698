using System.Text;
using Dispatch.Cli.Client;

namespace Dispatch.Cli.Tests.Client;

public sealed class ServerSentEventsTests
{
    [Fact]
    public async Task Events_carry_name_data_and_the_last_id()
    {
        var events = await ReadAsync(": comment\n\nid: 7\nevent: output\ndata: {\"a\":1}\n\ndata: one\ndata: two\n\nevent: lonely\n\n");
        Assert.Equal([new("output", "{\"a\":1}", "7"), new("message", "one\ntwo", "7")], events);
    }

    [Fact]
    public async Task An_event_that_was_cut_off_is_none() => Assert.Empty(await ReadAsync("event: output\ndata: half"));

    private static async Task<List<ServerSentEvent>> ReadAsync(string text)
    {
        var events = new List<ServerSentEvent>();
        await foreach (var item in ServerSentEvents.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), CancellationToken.None))
            events.Add(item);
        return events;
    }
}
