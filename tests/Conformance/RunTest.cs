namespace Dispatch.Conformance;

/// <summary>Checks a whole run over a folder in which not every file is a recording.</summary>
internal static class RunTest
{
    private const string Recording = """{"format":1,"scenario":"NAME","steps":[{"call":"ListWorkflowExecutions","request":{"namespace":"default"},"expect":{"code":"OK"}}]}""";

    public static int Count => 2;

    /// <summary>What a run should say and does not.</summary>
    public static async Task<IReadOnlyList<string>> FailuresAsync()
    {
        var folder = Directory.CreateTempSubdirectory("dispatch-conformance-").FullName;
        try
        {
            var empty = Directory.CreateDirectory(Path.Combine(folder, "none")).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "a.json"), """{"format":1,""");
            await File.WriteAllTextAsync(Path.Combine(folder, "b.json"), Recording.Replace("NAME", "x/b", StringComparison.Ordinal));
            await File.WriteAllTextAsync(Path.Combine(folder, "c.json"), Recording.Replace("NAME", "x/c", StringComparison.Ordinal));
            var without = await PlayAsync(folder, empty);
            await File.WriteAllTextAsync(Path.Combine(folder, Scenario.RulesFile), "{}");
            File.Delete(Path.Combine(folder, "a.json"));
            var with = await PlayAsync(folder);
            return
            [
                .. Expect(
                    "a broken file and an empty folder fail by themselves, and missing rules are told once",
                    without,
                    (1, [$"FAILS    {empty}: there is no recording in it", $"FAILS    {folder}/a.json: it is no JSON, or was cut off, at line 1, byte 12:", $"NO RULES {folder}/a.json and 2 more: no rules.json is", "ok       x/b", "ok       x/c", "2 passed, 2 failed"])),
                .. Expect("a folder of recordings with rules passes and says no more", with, (0, ["ok       x/b", "ok       x/c", "2 passed, 0 failed"])),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Expect(string says, (int Code, string[] Lines) found, (int Code, string[] Lines) expected) =>
        found.Code == expected.Code && found.Lines.Length == expected.Lines.Length
            && found.Lines.Zip(expected.Lines).All(pair => pair.First.StartsWith(pair.Second, StringComparison.Ordinal))
                ? []
                : [$"{says}: ended with {found.Code} and said\n{string.Join('\n', found.Lines)}"];

    private static async Task<(int Code, string[] Lines)> PlayAsync(params string[] paths)
    {
        await using var output = new StringWriter();
        var code = await new Run(new Arguments { Paths = paths, Jobs = 1, Verbose = true }, output).PlayAsync();
        return (code, output.ToString().TrimEnd().Split('\n'));
    }
}
