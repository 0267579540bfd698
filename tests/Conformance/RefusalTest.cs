namespace Dispatch.Conformance;

/// <summary>Checks what is taken for a recording: each case with the sentence that refuses it, or none.</summary>
internal static class RefusalTest
{
    private const string Call = """{"call":"GetSystemInfo","request":{},"expect":{"code":"OK"}}""";

    private static readonly (string Says, string Text, string? Sentence)[] Cases =
    [
        ("an empty file", "", "it is empty"),
        ("a file that was cut off", """{"format":1,""", "it is no JSON, or was cut off, at line 1, byte 12: Expected start of a property name"),
        ("a place is told by line and byte", "{\"format\":1,\n x}", "at line 2, byte 2: 'x' is an invalid start"),
        ("a text that is no JSON", "no JSON", "it is no JSON, or was cut off, at line 1, byte 2"),
        ("a field that is there twice", """{"format":1,"format":1}""", "its JSON cannot be read: Duplicate property 'format'"),
        ("JSON that is no object", "[]", "it is JSON, but no object"),
        ("another format", Recording(Call, "2"), "its format is 2; this runner knows format 1"),
        ("a format that is no number", Recording(Call, "\"1\""), "its format is \"1\"; this runner knows format 1"),
        ("no format", """{"scenario":"x","steps":[]}""", "its format is nothing; this runner knows format 1"),
        ("no name", """{"format":1,"steps":[]}""", "it has no 'scenario', its name"),
        ("no list of steps", """{"format":1,"scenario":"x"}""", "it has no steps: there is nothing to play"),
        ("no steps", Recording(""), "it has no steps: there is nothing to play"),
        ("steps that compare nothing", Recording("""{"comment":"a"},{"sleep":0}"""), "none of its steps expects anything"),
        ("a step of an unknown kind", Recording(Call + """,{"dance":1}"""), """step 1 ({"dance":1}) is of a kind that this runner does not know; it knows sleep, cancel, begin, end, raw, call and comment"""),
        ("a comment that does something, too", Recording(Call + """,{"comment":"a","dance":1}"""), "step 1 ({"),
        ("a step that is no object", Recording("7"), "step 0 is 7, not an object"),
        ("an unknown field of a step", Recording("""{"call":"M","expect":{"code":"OK"},"time":[]}"""), "step 0 has 'time', which this runner does not know of kind call; it knows call, comment, request, timeout,"),
        ("a step of two kinds", Recording("""{"sleep":1,"call":"M","expect":{"code":"OK"}}"""), "step 0 has 'call', which this runner does not know of kind sleep; it knows sleep, comment"),
        ("a kind without its value", Recording("""{"sleep":null}"""), "step 0 lacks 'sleep'"),
        ("a value of another kind", Recording("""{"call":1}"""), "step 0 has 1 as 'call'; that is a string here"),
        ("a call that expects nothing", Recording("""{"call":"M","request":{}}"""), "step 0 lacks 'expect'"),
        ("an expectation without a code", Recording(Expecting("{}")), "step 0 lacks 'code'"),
        ("an unknown expectation", Recording(Expecting("""{"code":"OK","latency":1}""")), "step 0 has 'latency', which this runner does not know in 'expect'"),
        ("an unknown way to compare a message", Recording(Expecting("""{"code":"OK","message":{"text":"a","match":"roughly"}}""")), "step 0 matches its message by 'roughly', which this runner does not know; it knows exact,"),
        ("limits of a time that are none", Recording(Expecting("""{"code":"OK","elapsed":{"min":1}}""")), "step 0 lacks 'max'"),
        ("an unknown claim about times", Recording("""{"call":"M","expect":{"code":"OK"},"times":[{"that":"${t.1}","after":"${t.2}"}]}"""), "step 0 claims {"),
        ("an end of what was not begun", Recording(Call + """,{"end":"k","expect":{"code":"OK"}}"""), "step 1 names 'k', which no step before it began"),
        ("a cancel of what was not begun", Recording(Call + """,{"cancel":"k"}"""), "step 1 names 'k', which no step before it began"),
        ("two calls open under one name", Recording("""{"begin":"k","call":"M"},{"begin":"k","call":"M"}"""), "step 1 begins 'k', which is open already"),
        (
            "all that is known",
            Recording("""
                {"comment":"a"},{"begin":"k","call":"M","request":{},"timeout":null},{"sleep":1,"comment":"b"},{"cancel":"k"},{"end":"k","expect":{"code":"CANCELLED"}},
                {"raw":{"path":"/","headers":[],"body":""},"timeout":1,"expect":{}},
                {"call":"M","request":{},"timeout":1,"metadata":{"a":"b"},"compress":"gzip","eventually":1,
                 "expect":{"code":"OK","message":{"text":"","match":"prefix","full":""},"details":[],"response":{},"elapsed":{"min":0,"max":1}},
                 "times":[{"that":"a","is":"b","plus":1,"within":1},{"that":"a","notBefore":"b"}]}
                """),
            null),
    ];

    public static int Count => Cases.Length;

    /// <summary>What is refused and should not be, or is not and should.</summary>
    public static IEnumerable<string> Failures() => Cases
        .Select(one => (one.Says, one.Sentence, Found: Refusal(one.Text)))
        .Where(one => one.Sentence is null ? one.Found is not null : one.Found?.StartsWith(one.Sentence, StringComparison.Ordinal) != true && one.Found?.Contains($" {one.Sentence}", StringComparison.Ordinal) != true)
        .Select(one => $"{one.Says}: expected \"{one.Sentence ?? "no refusal"}\", found \"{one.Found ?? "no refusal"}\"");

    private static string? Refusal(string text)
    {
        try
        {
            RecordingFormat.Steps(RecordingFormat.Parse(text));
            return null;
        }
        catch (RecordingException refused)
        {
            return refused.Message;
        }
    }

    private static string Recording(string steps, string format = "1") => $$"""{"format":{{format}},"scenario":"x","steps":[{{steps}}]}""";

    private static string Expecting(string expect) => $$"""{"call":"M","request":{},"expect":{{expect}}}""";
}
