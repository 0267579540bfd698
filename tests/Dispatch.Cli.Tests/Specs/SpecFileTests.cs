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
    [InlineData("a: 1\n---\nb: 2\n", "2 YAML documents")]
    public void A_broken_file_is_named_and_told(string yaml, string text)
    {
        var error = Assert.Throws<CliException>(() => Convert(yaml));
        Assert.Contains("spec.yaml", error.Message, StringComparison.Ordinal);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_one_clear_sentence() =>
        Assert.Contains("/no/such/spec.json", Assert.Throws<CliException>(() => SpecFile.Read("/no/such/spec.json")).Message, StringComparison.Ordinal);

    private static string Convert(string yaml) => Encoding.UTF8.GetString(SpecFile.FromYaml(Encoding.UTF8.GetBytes(yaml), "spec.yaml")).Replace("\\u003E", ">", StringComparison.Ordinal);
}
