using Dispatch.Engine.Frontend;
using Dispatch.Engine.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Tests.Visibility;

public class SearchAttributeRegistryTests
{
    [Theory]
    [InlineData("Word", "\"x\"")]
    [InlineData("Words", "[\"x\",\"y\"]")]
    [InlineData("Words", "[]")]
    [InlineData("Number", "5")]
    [InlineData("Number", "[5]")]
    [InlineData("Number", "null")]
    [InlineData("Share", "5")]
    [InlineData("Flag", "true")]
    [InlineData("When", "\"2031-02-03T04:05:06.7+01:00\"")]
    [InlineData("BuildIds", "[\"b\"]")]
    public void A_value_of_the_right_type_bears_its_type_afterwards(string name, string json)
    {
        var registry = Rows.Attributes();

        var stamped = registry.Checked(Rows.Namespace, new SearchAttributes { IndexedFields = { [name] = Rows.Json(json) } });

        Assert.Equal(registry.TypeOf(Rows.Namespace, name).ToString(), stamped!.IndexedFields[name].Metadata["type"].ToStringUtf8());
        Assert.Equal(json, stamped.IndexedFields[name].Data.ToStringUtf8());
    }

    [Theory]
    [InlineData("Word", "5", "invalid value for search attribute Word of type Keyword: 5")]
    [InlineData("Word", "[\"a\", \"b\"]", "invalid value for search attribute Word of type Keyword: [a b]")]
    [InlineData("Words", "\"single\"", "invalid value for search attribute Words of type KeywordList: single")]
    [InlineData("Number", "\"five\"", "invalid value for search attribute Number of type Int: five")]
    [InlineData("Number", "5.5", "invalid value for search attribute Number of type Int: 5.5")]
    [InlineData("Flag", "\"yes\"", "invalid value for search attribute Flag of type Bool: yes")]
    [InlineData("When", "\"2031-02-03\"", "invalid value for search attribute When of type Datetime: 2031-02-03")]
    [InlineData("Word", "{not json", "invalid value for search attribute Word of type Keyword: {not json")]
    [InlineData("NoSuch", "1", "Namespace ns has no mapping defined for search attribute NoSuch")]
    [InlineData("ExecutionStatus", "\"Running\"", "ExecutionStatus attribute can't be set in SearchAttributes")]
    public void Anything_else_is_refused_with_its_reason(string name, string json, string reason)
    {
        var refusal = Assert.Throws<EngineException>(() => Rows.Attributes().Checked(
            Rows.Namespace, new SearchAttributes { IndexedFields = { [name] = Rows.Json(json) } }));

        Assert.Equal(reason, refusal.Message);
    }

    [Fact]
    public void Sizes_are_limited_by_value_by_sum_and_by_number()
    {
        var registry = Rows.Attributes();
        SearchAttributes Given(int values, int chars) => new()
        {
            IndexedFields = { Enumerable.Range(0, values).ToDictionary(i => $"Unknown{i}", _ => Rows.Json($"\"{new string('x', chars)}\"")) },
        };

        Assert.Contains("number of search attributes 101 exceeds", Assert.Throws<EngineException>(() => registry.Checked(Rows.Namespace, Given(101, 1))).Message, StringComparison.Ordinal);
        var big = new SearchAttributes { IndexedFields = { ["Word"] = Rows.Json($"\"{new string('x', 2047)}\"") } };
        Assert.Contains("value size 2049 exceeds size limit 2048", Assert.Throws<EngineException>(() => registry.Checked(Rows.Namespace, big)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attribute_keeps_its_first_type_and_there_are_only_so_many_of_each()
    {
        var registry = new SearchAttributeRegistry();
        registry.Add("a", [KeyValuePair.Create("One", IndexedValueType.Int)]);
        registry.Add("a", [KeyValuePair.Create("One", IndexedValueType.Keyword)]);
        registry.Add("a", [KeyValuePair.Create("Two", IndexedValueType.Int), KeyValuePair.Create("Three", IndexedValueType.Int)]);

        Assert.Equal(IndexedValueType.Int, registry.TypeOf("a", "One"));
        Assert.Null(registry.TypeOf("b", "One"));
        Assert.Throws<EngineException>(() => registry.Add("a", [KeyValuePair.Create("Four", IndexedValueType.Int)]));
        Assert.Throws<EngineException>(() => registry.Add("a", [KeyValuePair.Create("WorkflowId", IndexedValueType.Keyword)]));
        registry.Remove("a", ["One", "Never"]);
        Assert.Null(registry.TypeOf("a", "One"));
    }
}
