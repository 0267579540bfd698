using System.Text;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Contracts.Tests.Jobs;

public sealed class SpecReadingTests
{
    [Theory]
    [InlineData("""{"image":"x","network":"host","priority":101}""", "network priority")]
    [InlineData("""{"image":"x","mounts":[{"source":"/etc","target":"/x"}],"capabilities":["FOO"],"nosuch":1}""", "capabilities[0] mounts[0].source nosuch")]
    [InlineData("""{"image":"x","mounts":[{"target":"/y"},{"source":"/etc","target":"/x"}]}""", "mounts[0].source")]
    [InlineData("""{"process":["true"],"stdin":5}""", "process stdin")]
    [InlineData("""{"env":{"A":"1"}}""", "image")]
    public void What_a_pool_does_not_admit_is_told_beside_what_is_wrong_with_other_fields(string spec, string fields)
    {
        var reading = JobSpecReader.Read(Encoding.UTF8.GetBytes(spec));
        Assert.Null(reading.Spec);
        Assert.Equal(fields, string.Join(' ', reading.ErrorsWith(new Admission().Check(reading.Draft!)).Select(error => error.Field).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("{\"process\":[\"tr\u00ff\"]}", "not UTF-8")]
    [InlineData("{\"process\":[\"true\"", "ends too early")]
    [InlineData("{]", "no JSON")]
    public void What_is_no_document_is_told_with_its_place(string latin, string what) =>
        Assert.Contains(what, JobSpecReader.SyntaxFault(Encoding.Latin1.GetBytes(latin)), StringComparison.Ordinal);
}
