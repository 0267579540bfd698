using Dispatch.Contracts.Jobs;
using static Dispatch.Routing.Tests.Routing;

namespace Dispatch.Routing.Tests;

public sealed class LabelRuleTests
{
    [Theory]
    [InlineData(LabelOperator.NotEqual, "w2")]
    [InlineData(LabelOperator.NotIn, "w2")]
    [InlineData(LabelOperator.Equal, "w1")]
    [InlineData(LabelOperator.Exists, "w1")]
    public void G39_not_equal_and_notin_hold_where_the_label_is_missing_and_the_others_do_not(LabelOperator op, string eligible)
    {
        string[] values = op switch { LabelOperator.Exists => [], LabelOperator.NotIn => ["1", "2"], _ => ["1"] };
        var request = Request(Job(constraints: [Constraint("router", op, values)]), Worker("w1", labels: ["router=1"]), Worker("w2"));
        var explanation = Route("least-loaded", request).Explanation!;
        Assert.Equal([eligible], explanation.Candidates.Where(one => one.RefusedBy is null).Select(one => one.Worker.Value));
    }

    [Fact]
    public void G39_with_the_other_worker_gone_the_explanation_names_the_constraint_and_the_value()
    {
        var request = Request(Job(constraints: [Constraint("router", LabelOperator.NotEqual, "1")]), Worker("w1", labels: ["router=1"]));
        var result = Route("least-loaded", request);
        Assert.Null(result.Chosen);
        Assert.Contains("nearest is w1, refused by constraints: router != 1: the label is \"1\"", result.Explanation!.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LabelOperator.Greater, "10", "a16 b100")]
    [InlineData(LabelOperator.Greater, "9", "a16 b100")]
    [InlineData(LabelOperator.Less, "16", "c8")]
    [InlineData(LabelOperator.Greater, "7.5", "a16 b100 c8")]
    [InlineData(LabelOperator.Less, "-1", "")]
    [InlineData(LabelOperator.Greater, "many", "")]
    public void G40_greater_and_less_compare_numbers(LabelOperator op, string bound, string eligible)
    {
        var request = Request(
            Job(constraints: [Constraint("cores", op, bound)]),
            Worker("a16", labels: ["cores=16"]), Worker("b100", labels: ["cores=100"]), Worker("c8", labels: ["cores=8"]), Worker("d", labels: ["cores=unknown"]), Worker("e"));
        var candidates = Route("first-fit", request).Explanation!.Candidates;
        Assert.Equal(eligible, string.Join(' ', candidates.Where(one => one.RefusedBy is null).Select(one => one.Worker.Value).Order(StringComparer.Ordinal)));
        Assert.All(candidates.Where(one => one.RefusedBy is not null), one => Assert.Contains("cores", one.Reason, StringComparison.Ordinal));
        Assert.Contains("not a number", candidates.Single(one => one.Worker.Value == "d").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void In_and_notin_take_several_values_and_compare_them_exactly()
    {
        var rule = new LabelRule(Constraint("zone", LabelOperator.In, "a", "b"));
        Assert.True(rule.Holds(Worker("w", labels: ["zone=b"]).Labels));
        Assert.False(rule.Holds(Worker("w", labels: ["zone=B"]).Labels));
        Assert.False(new LabelRule(Constraint("zone", LabelOperator.NotIn, "a", "b")).Holds(Worker("w", labels: ["zone=a"]).Labels));
    }
}
