using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>Checks the comparison on small cases, each with the number of differences it must find; and that what is no recording is refused.</summary>
internal static class SelfTest
{
    private static readonly (string Says, string Template, string Actual, int Differences)[] Cases =
    [
        ("equal texts are equal", """{"a":"x"}""", """{"a":"x"}""", 0),
        ("another text differs", """{"a":"x"}""", """{"a":"y"}""", 1),
        ("a missing field differs", """{"a":"x"}""", "{}", 1),
        ("an unexpected field differs", "{}", """{"a":"x"}""", 1),
        ("an empty message equals an absent one", """{"a":{}}""", "{}", 0),
        ("an absent message equals an empty one", "{}", """{"a":{},"b":[]}""", 0),
        ("numbers are compared by value", """{"a":2.0}""", """{"a":2}""", 0),
        ("a number is no text", """{"a":"2"}""", """{"a":2}""", 1),
        ("a symbol is the same ever after", """{"a":"${run.1}","b":"${run.1}"}""", """{"a":"r","b":"s"}""", 1),
        ("two run ids are never the same", """{"a":"${run.1}","b":"${run.2}"}""", """{"a":"r","b":"r"}""", 1),
        ("two tokens may be the same", """{"a":"${token.1}","b":"${token.2}"}""", """{"a":"r","b":"r"}""", 0),
        ("times may be rounded", """{"a":"${t.1}","b":"${t.1}"}""", """{"a":"2026-01-02T03:04:05.001Z","b":"2026-01-02T03:04:05.0025Z"}""", 0),
        ("times may not be further apart", """{"a":"${t.1}","b":"${t.1}"}""", """{"a":"2026-01-02T03:04:05Z","b":"2026-01-02T03:04:05.1Z"}""", 1),
        ("a measured duration has its tolerance", """{"a":"${about:2s:0.5s}"}""", """{"a":"2.4s"}""", 0),
        ("a measured duration has its limit", """{"a":"${about:2s:0.5s}"}""", """{"a":"2.6s"}""", 1),
        ("a measured duration that may be nothing may be absent", """{"a":"${about:0.3s:0.5s}"}""", "{}", 0),
        ("a measured duration that is something must be there", """{"a":"${about:2s:0.5s}"}""", "{}", 1),
        ("anything must be there", """{"a":"${some}"}""", "{}", 1),
        ("a symbol stands inside a text", """{"a":"wf-${n}/${run.1}","b":"${run.1}"}""", """{"a":"wf-nonce/7","b":"7"}""", 0),
        ("bytes are compared as text", """{"a":"utf8!wf-${n}"}""", """{"a":"d2Ytbm9uY2U="}""", 0),
        ("a key may be a symbol", """{"${uuid.1}":"x","b":"${uuid.1}"}""", """{"k":"x","b":"k"}""", 0),
        ("order counts", """{"list":["a","b"]}""", """{"list":["b","a"]}""", 2),
        ("order doesn't count where the rules say so", """{"bag":["a","${run.1}"]}""", """{"bag":["b","a"]}""", 0),
        ("a bag's items are each used once", """{"bag":["a","a"]}""", """{"bag":["a","b"]}""", 1),
        ("lengths count", """{"list":["a"]}""", """{"list":["a","a"]}""", 1),
        ("ignored paths are not compared", """{"x":{"skip":"a"}}""", """{"x":{"skip":"b"}}""", 0),
        ("a server's wording is not compared", """{"message":"a","source":"Server"}""", """{"message":"b","source":"Server"}""", 0),
    ];

    /// <summary>Runs all checks.</summary>
    public static async Task<int> RunAsync(TextWriter output)
    {
        var failures = Comparison().Concat(RefusalTest.Failures()).Concat(await RunTest.FailuresAsync()).ToList();
        failures.ForEach(failure => output.WriteLine($"FAILS    {failure}"));
        output.WriteLine($"{Cases.Length + RefusalTest.Count + RunTest.Count - failures.Count} passed, {failures.Count} failed");
        return failures.Count == 0 ? 0 : 1;
    }

    private static IEnumerable<string> Comparison()
    {
        var policy = new Policy(["*/skip"], ["*/bag"]);
        foreach (var (says, template, actual, differences) in Cases)
        {
            var found = new Comparer(policy).Compare(
                policy.Pruned(JsonNode.Parse(template), "response"),
                policy.Pruned(JsonNode.Parse(actual), "response"),
                new Bindings("nonce"),
                "response");
            if (found.Count != differences)
            {
                yield return $"{says}: expected {differences} differences, found {string.Join("; ", found)}";
            }
        }
    }
}
