using Dispatch.Contracts;
using Dispatch.Workflows.Hosting;
using Dispatch.Workflows.Jobs;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Dispatch.Workflows.Tests.Jobs;

public sealed class JobTriggerTests
{
    [Fact]
    public void Our_header_comes_first_then_the_schedule_then_the_parent_then_temporal()
    {
        var headers = new Dictionary<string, Payload> { [JobNames.TriggerHeader] = DataConverter.Default.PayloadConverter.ToPayload("endpoint(10.0.0.7)") };
        Assert.Equal("endpoint(10.0.0.7)", JobTrigger.Of(headers, "s", "p"));
        Assert.Equal("schedule(s)", JobTrigger.Of(null, "s", "p"));
        Assert.Equal("child(p)", JobTrigger.Of(new Dictionary<string, Payload>(), null, "p"));
        Assert.Equal("temporal", JobTrigger.Of(null, null, null));
    }

    [Fact]
    public void A_header_that_is_no_text_says_nothing_and_a_long_one_is_cut()
    {
        var broken = new Dictionary<string, Payload> { [JobNames.TriggerHeader] = new() { Data = ByteString.CopyFromUtf8("{") } };
        Assert.Equal("temporal", JobTrigger.Of(broken, null, null));
        Assert.Equal(JobTrigger.CharactersMax, JobTrigger.Of(null, new string('s', 300), null).Length);
    }

    [Fact]
    public void Only_a_client_with_our_converter_can_host_jobs()
    {
        Assert.True(DispatchData.Speaks(DispatchData.Converter));
        Assert.False(DispatchData.Speaks(DataConverter.Default));
    }
}
