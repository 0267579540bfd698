using Dispatch.Contracts.Jobs;
using Dispatch.Server.Jobs;

namespace Dispatch.Server.Tests.Jobs;

public sealed class JobFilterTests
{
    [Theory]
    [InlineData(null, null, "WorkflowType = 'Job'")]
    [InlineData("Closed", null, "WorkflowType = 'Job' AND ExecutionStatus != 'Running'")]
    [InlineData("queued", null, "WorkflowType = 'Job' AND ExecutionStatus = 'Running' AND DispatchState = 'Queued'")]
    [InlineData("Running", null, "WorkflowType = 'Job' AND ExecutionStatus = 'Running' AND DispatchState = 'Sent'")]
    [InlineData(null, "gpu", "WorkflowType = 'Job' AND DispatchPool = 'gpu'")]
    public void A_filter_is_a_query_of_temporals_grammar(string? state, string? pool, string expected)
    {
        var errors = new List<SpecError>();
        Assert.Equal(expected, new JobFilter(state, pool, null, null, null).ToQuery(errors));
        Assert.Empty(errors);
    }

    [Fact]
    public void A_value_cannot_leave_its_quotes()
    {
        var query = new JobFilter(null, null, "o'neil\\' OR 1=1", null, null).ToQuery([]);
        Assert.EndsWith("DispatchOwner = 'o\\'neil\\\\\\' OR 1=1'", query, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_state_is_named_with_those_there_are()
    {
        var errors = new List<SpecError>();
        new JobFilter("Flying", null, null, null, null).ToQuery(errors);
        var error = Assert.Single(errors);
        Assert.Equal(("state", "Flying"), (error.Field, error.Value));
        Assert.Contains("Queued", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("=foo")]
    [InlineData("")]
    public void A_label_without_its_value_is_refused(string label)
    {
        var errors = new List<SpecError>();
        new JobFilter(null, null, null, label, null).ToQuery(errors);
        Assert.Contains("NAME=VALUE", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_search_attributes_a_state_is_sifted_and_the_rest_refused_by_name()
    {
        var errors = new List<SpecError>();
        var filter = new JobFilter("Queued", null, null, null, null) { SearchAttributes = false };
        Assert.Equal("WorkflowType = 'Job' AND ExecutionStatus = 'Running'", filter.ToQuery(errors));
        Assert.True(filter.StateIsFiner);
        Assert.Empty(errors);
        new JobFilter(null, "gpu", "me", "a=b", "Cancelled") { SearchAttributes = false }.ToQuery(errors);
        Assert.Equal(["pool", "owner", "label", "reason"], errors.Select(error => error.Field));
        Assert.All(errors, error => Assert.Contains("--search-attributes off", error.Message, StringComparison.Ordinal));
    }
}
