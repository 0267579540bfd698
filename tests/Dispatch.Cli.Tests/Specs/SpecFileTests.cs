using System.Text;
using Dispatch.Cli.Specs;

namespace Dispatch.Cli.Tests.Specs;

public sealed class SpecFileTests
{
    [Fact]
    public void Scalars_under_env_labels_and_arguments_stay_the_text_they_are()
    {
        Assert.Equal(
            """{"process":["sleep","010"],"env":{"A":"on","B":"0123","C":"no","D":"1.50","E":"","F":"null"},"labels":{"y":"true"}}""",
            Convert("process: [sleep, 010]\nenv: { A: on, B: 0123, C: no, D: 1.50, E: , F: null }\nlabels: { y: true }\n"));
    }

    [Fact]
    public void Numbers_booleans_and_nulls_elsewhere_are_what_they_look_like() =>
        Assert.Equal(
            """{"image":"a","resources":{"cpu":0.5,"pids":64,"memory":"64Mi"},"readOnlyRoot":true,"worker":null,"priority":"10"}""".Replace(",\"worker\":null", "", StringComparison.Ordinal),
            Convert("image: a\nresources: { cpu: 0.5, pids: 64, memory: 64Mi }\nreadOnlyRoot: true\npriority: \"10\"\n"));

    [Fact]
    public void Values_of_constraints_are_text() =>
        Assert.Equal("""{"constraints":[{"label":"cores","op":">","values":["10"]}]}""", Convert("constraints:\n- { label: cores, op: '>', values: [10] }\n"));

    [Theory]
    [InlineData("a: [", "neither JSON nor YAML")]
    [InlineData("process: [sh, -c, \"x\"\nenv:\n  A: b\n", "line 1")]
    [InlineData("process: [a, b\nname: c", "neither JSON nor YAML")]
    [InlineData("process: [a\nb: \"", "neither JSON nor YAML")]
    [InlineData("image: \"\\UFFFFFFFF\"", "line 1")]
    [InlineData("image: a\n  b: c", "line 2, column")]
    [InlineData("image: *nobody", "line 1")]
    [InlineData("{\"process\":[\"true\"", "ends too early")]
    [InlineData("", "empty")]
    [InlineData("a: 1\n---\nb: 2\n", "2 YAML documents")]
    public void A_broken_file_is_named_and_told(string text, string what) => Refused(text, what);

    [Fact]
    public void Deep_nesting_is_refused_with_its_place() => Refused("image: " + new string('[', 100_000), "line 1, column", "nested deeper");

    [Fact]
    public void Aliases_may_not_blow_a_file_up() =>
        Refused("a: &a [xxxxxxxxxx,xxxxxxxxxx]\n" + string.Concat(Enumerable.Range(0, 20).Select(n => $"{(char)('b' + n)}: &{(char)('b' + n)} [{string.Join(',', Enumerable.Repeat($"*{(char)('a' + n)}", 9))}]\n")), "aliases", "line");

    [Theory]
    [InlineData("{\"process\":[\"printf\",\"a\u00ff\"]}")]
    [InlineData("process: [printf, a\u00ff]")]
    public void A_file_that_is_not_UTF8_is_refused_whatever_its_notation(string latin)
    {
        var error = Assert.Throws<CliException>(() => SpecFile.ToJson(Encoding.Latin1.GetBytes(latin), "spec.txt"));
        Assert.Equal(Contracts.Errors.ErrorCode.InvalidJobSpec, error.Code);
        Assert.Contains("not UTF-8: the byte at offset", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_spec_file() => Assert.Contains("is a folder", Assert.Throws<CliException>(() => SpecFile.Read("/proc")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_there_is_one_clear_sentence() =>
        Assert.Contains("/no/such/spec.json", Assert.Throws<CliException>(() => SpecFile.Read("/no/such/spec.json")).Message, StringComparison.Ordinal);

    private static void Refused(string text, params string[] says)
    {
        var error = Assert.Throws<CliException>(() => Check(SpecFile.ToJson(Encoding.UTF8.GetBytes(text), "spec.yaml")));
        Assert.Equal(Contracts.Errors.ErrorCode.InvalidJobSpec, error.Code);
        Assert.All(["spec.yaml", .. says], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    /// <summary>JSON is passed on as it is, and read by the strict reader.</summary>
    private static void Check(byte[] json)
    {
        if (Contracts.Jobs.JobSpecReader.SyntaxFault(json) is { } fault)
            throw CliException.Spec("spec.yaml", fault);
    }

    private static string Convert(string yaml) => Encoding.UTF8.GetString(SpecFile.ToJson(Encoding.UTF8.GetBytes(yaml), "spec.yaml")).Replace("\\u003E", ">", StringComparison.Ordinal);
}
