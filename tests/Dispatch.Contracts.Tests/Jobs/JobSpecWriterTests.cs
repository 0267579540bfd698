using System.Text;
using CsCheck;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Contracts.Tests.Jobs;

public class JobSpecWriterTests
{
    [Fact]
    public void Every_spec_is_read_back_as_it_was_written() => SpecGen.Spec.Sample(spec =>
    {
        var json = JobSpecWriter.Write(spec);
        var reading = JobSpecReader.Read(json);
        Assert.Empty(reading.Errors);
        Assert.Equal(spec, reading.Spec);
        Assert.Equal(SpecDigest.Of(spec), SpecDigest.Of(reading.Spec!));
        Assert.Equal(spec.Env.OrderBy(e => e.Key), reading.Spec!.Env.OrderBy(e => e.Key));
        Assert.Equal(spec.Process, reading.Spec.Process);
        Assert.Equal(spec.Stdin, reading.Spec.Stdin);
        Assert.Equal(spec.Resources, reading.Spec.Resources);
        Assert.Equal(spec.Timeouts, reading.Spec.Timeouts);
        Assert.Equal(spec.Constraints, reading.Spec.Constraints);
        Assert.Equal(spec.Mounts, reading.Spec.Mounts);
        Assert.Equal(spec.Exit.Success, reading.Spec.Exit.Success);
    });

    [Fact]
    public void Defaults_are_left_out_and_order_and_spelling_do_not_matter()
    {
        const string Long = """{ "priority": 50, "pool":"default", "timeouts": {"run":"PT30M","queue":"60m"}, "resources":{"memory":268435456,"cpu":"1000m"},"retry":{"workerLost":{"max":3}}, "env":{"B":"2","A":"1"}, "image":"alpine" }""";
        const string Short = """{"image":"alpine","env":{"A":"1","B":"2"}}""";
        var spec = Read(Long);

        Assert.Equal(Short, Encoding.UTF8.GetString(JobSpecWriter.Write(spec)));
        Assert.Equal(Read(Short), spec);
        Assert.Equal(SpecDigest.Of(Read(Short)), SpecDigest.Of(spec));
        Assert.NotEqual(SpecDigest.Of(Read("""{"image":"alpine","env":{"A":"1","B":"3"}}""")), SpecDigest.Of(spec));
    }

    [Fact]
    public void The_canonical_form_is_these_bytes()
    {
        var spec = Read("""
            {"process":["sh","-c","echo \u017c\u2028 \ud83d\ude00 \/ \u0001"],"resources":{"cpu":0.50,"memory":"64Mi","units":{"fpga":2.0}},
             "timeouts":{"run":"90s","stopGrace":"0s"},"retry":{"nonZero":{"max":2,"backoff":{"initial":"200ms","max":"1s"}}},
             "constraints":[{"label":"zone","op":"in","values":["a","b"]},{"label":"cores","op":">","values":[10]}],"exit":{"nonZero":"data"}}
            """);

        Assert.Equal(
            """{"process":["sh","-c","echo ż""" + "\u2028 😀 / \\u0001\"]" + ""","resources":{"cpu":0.5,"memory":"64Mi","units":{"fpga":2}},"constraints":[{"label":"zone","op":"in","values":["a","b"]},{"label":"cores","op":">","values":["10"]}],"timeouts":{"run":"1m30s","stopGrace":"0s"},"retry":{"nonZero":{"max":2,"backoff":{"initial":"200ms","max":"1s"}}},"exit":{"nonZero":"data"}}""",
            Encoding.UTF8.GetString(JobSpecWriter.Write(spec)));
        Assert.StartsWith("sha256:", SpecDigest.Of(spec), StringComparison.Ordinal);
        Assert.Equal(71, SpecDigest.Of(spec).Length);
    }

    private static JobSpec Read(string json)
    {
        var reading = JobSpecReader.Read(Encoding.UTF8.GetBytes(json));
        Assert.Empty(reading.Errors);
        return reading.Spec!;
    }
}
