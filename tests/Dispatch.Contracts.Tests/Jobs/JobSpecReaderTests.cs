using System.Text;
using System.Text.Json;
using CsCheck;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Contracts.Tests.Jobs;

public class JobSpecReaderTests
{
    [Fact]
    public void An_image_alone_is_a_spec_with_every_default()
    {
        var spec = Good("""{"image":"alpine:3.20"}""");

        Assert.Equal(new JobSpec { Image = "alpine:3.20" }, spec);
        Assert.Equal((1m, 256L << 20, 512), (spec.Resources.Cpu, spec.Resources.MemoryBytes, spec.Resources.Pids));
        Assert.Equal(TimeSpan.FromMinutes(30), spec.Timeouts.Run);
    }

    [Fact]
    public void All_errors_are_told_at_once_each_with_its_field_and_value()
    {
        var errors = Bad("""
            {"imge":"alpine","process":["true"],"priority":101,"resources":{"memory":"12Q","cpu":-1,"gpus":1},"timeouts":{"run":"0s","queue":5},
             "constraints":[{"label":"zone","op":"==","values":["a"]},{"label":"n","op":">","values":["x"]}],"retry":{"nonzero":{"max":1}},"env":{"A=B":"1"}}
            """);

        Assert.Equal(
            ["constraints[0].op", "constraints[1].values", "env.A=B", "imge", "priority", "resources.cpu", "resources.gpus", "resources.memory", "retry.nonzero", "timeouts.queue", "timeouts.run"],
            errors.Select(e => e.Field).Order(StringComparer.Ordinal));
        Assert.Contains("Did you mean image?", errors.Single(e => e.Field == "imge").Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean nonZero?", errors.Single(e => e.Field == "retry.nonzero").Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean gpu?", errors.Single(e => e.Field == "resources.gpus").Message, StringComparison.Ordinal);
        Assert.Equal("101", errors.Single(e => e.Field == "priority").Value);
        Assert.Equal("12Q", errors.Single(e => e.Field == "resources.memory").Value);
        Assert.Equal("""["x"]""", errors.Single(e => e.Field == "constraints[1].values").Value);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  \n\t ", "empty")]
    [InlineData("[]", "JSON object")]
    [InlineData("\"image\"", "JSON object")]
    [InlineData("null", "JSON object")]
    [InlineData("{\"image\":\"a\"", "ends too early, at line 1, byte 13")]
    [InlineData("{\"image\":\"alp", "ends too early")]
    [InlineData("{\n \"image\":\"a\",\n", "line 3")]
    [InlineData("{\"image\":\"a\",}", "no JSON: it breaks at line 1, byte 14")]
    [InlineData("{\"image\":\"a\"} x", "no JSON")]
    [InlineData("{'image':'a'}", "no JSON")]
    [InlineData("{\"image\":\"a\"} // note", "no JSON")]
    [InlineData("\uFEFF{\"image\":\"a\"}", "byte order mark")]
    [InlineData("image: alpine", "no JSON")]
    public void What_is_no_json_object_is_told_with_the_place(string text, string says)
    {
        var error = Assert.Single(Bad(text));
        Assert.Equal("", error.Field);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_told_with_their_offset()
    {
        var error = Assert.Single(JobSpecReader.Read(new byte[] { (byte)'{', (byte)'"', 0xC3, (byte)'"' }).Errors);
        Assert.Contains("offset 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_of_256_KiB_is_read_and_a_byte_more_is_refused()
    {
        const string Head = """{"image":"a"}""";
        Good(Head + new string(' ', SpecLimits.DocumentBytes - Head.Length));
        Assert.Contains("256 KiB", Assert.Single(Bad(Head + new string(' ', SpecLimits.DocumentBytes - Head.Length + 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", "image", "is missing")]
    [InlineData("""{"image":"a","process":["b"]}""", "image", "exactly one")]
    [InlineData("""{"image":"a","image":"b"}""", "image", "twice")]
    [InlineData("""{"image":"a","env":{"A":"1","A":"2"}}""", "env.A", "twice")]
    [InlineData("""{"image":null}""", "image", "is null")]
    [InlineData("""{"image":7}""", "image", "is a number; give a string")]
    [InlineData("""{"image":""}""", "image", "empty")]
    [InlineData("""{"process":[]}""", "process", "program to run")]
    [InlineData("""{"process":[""]}""", "process[0]", "program to run")]
    [InlineData("""{"process":"echo hi"}""", "process", "list of strings")]
    [InlineData("""{"process":["a",7]}""", "process[1]", "give a string")]
    [InlineData("""{"process":["a\u0000b"]}""", "process[0]", "NUL")]
    [InlineData("""{"image":"a","command":["","x"]}""", "command[0]", "program to run")]
    [InlineData("""{"process":["a"],"command":["x"]}""", "command", "process")]
    [InlineData("""{"process":["a"],"mounts":[{"source":"/a","target":"/b"}]}""", "mounts", "process")]
    [InlineData("""{"process":["a\ud800"]}""", "process[0]", "surrogate")]
    [InlineData("""{"image":"a","env":{"A\udc00":"x"}}""", "env", "surrogate")]
    [InlineData("""{"image":"a","env":{"":"x"}}""", "env.", "no name")]
    [InlineData("""{"image":"a","env":{"A":1}}""", "env.A", "give a string")]
    [InlineData("""{"image":"a","env":{"A":"x\u0000"}}""", "env.A", "NUL")]
    [InlineData("""{"image":"a","env":{"DISPATCH_JOB":"x"}}""", "env.DISPATCH_JOB", "Dispatch itself")]
    [InlineData("""{"image":"a","env":["A=1"]}""", "env", "give an object")]
    [InlineData("""{"image":"a","workingDir":"sub"}""", "workingDir", "absolute")]
    [InlineData("""{"image":"a","workingDir":"/a/../b"}""", "workingDir", "climb")]
    [InlineData("""{"image":"a","user":"a b"}""", "user", "user name or number")]
    [InlineData("""{"image":"a","pullPolicy":"Always"}""", "pullPolicy", "Did you mean always?")]
    [InlineData("""{"image":"a","network":"overlay"}""", "network", "none, host, bridge")]
    [InlineData("""{"image":"a","readOnlyRoot":"yes"}""", "readOnlyRoot", "true or false")]
    [InlineData("""{"image":"a","capabilities":["net_admin"]}""", "capabilities[0]", "capitals")]
    [InlineData("""{"image":"a","mounts":[{"source":"/a"}]}""", "mounts[0].target", "is missing")]
    [InlineData("""{"image":"a","mounts":[{"source":"/a","target":"/"}]}""", "mounts[0].target", "root itself")]
    [InlineData("""{"image":"a","mounts":[{"source":"/a","target":"/t"},{"source":"/b","target":"/t/"}]}""", "mounts", "one target")]
    [InlineData("""{"image":"a","mounts":[{"source":"/a","target":"/t"}],"tmpfs":{"/t":"1Mi"}}""", "tmpfs", "keep one")]
    [InlineData("""{"image":"a","tmpfs":{"t":"1Mi"}}""", "tmpfs.t", "absolute")]
    [InlineData("""{"image":"a","tmpfs":{"/t":"0"}}""", "tmpfs./t", "must be")]
    [InlineData("""{"image":"a","resources":{"cpu":0}}""", "resources.cpu", "0.001 to 1024")]
    [InlineData("""{"image":"a","resources":{"cpu":"two"}}""", "resources.cpu", "number of cores")]
    [InlineData("""{"image":"a","resources":{"cpu":1e99}}""", "resources.cpu", "must be")]
    [InlineData("""{"image":"a","resources":{"cpu":0.0001}}""", "resources.cpu", "steps")]
    [InlineData("""{"image":"a","resources":{"memory":-1}}""", "resources.memory", "whole bytes")]
    [InlineData("""{"image":"a","resources":{"memory":"-1"}}""", "resources.memory", "is no size")]
    [InlineData("""{"image":"a","resources":{"memory":"64MB"}}""", "resources.memory", "is no size")]
    [InlineData("""{"image":"a","resources":{"memory":1.5}}""", "resources.memory", "whole bytes")]
    [InlineData("""{"image":"a","resources":{"pids":0}}""", "resources.pids", "whole number")]
    [InlineData("""{"image":"a","resources":{"gpu":-1}}""", "resources.gpu", "0 to 1024")]
    [InlineData("""{"image":"a","resources":{"units":{"fpga":-2}}}""", "resources.units.fpga", "must be")]
    [InlineData("""{"image":"a","pool":"my pool"}""", "pool", "letters")]
    [InlineData("""{"image":"a","worker":""}""", "worker", "letters")]
    [InlineData("""{"image":"a","priority":"50"}""", "priority", "whole number")]
    [InlineData("""{"image":"a","priority":1.5}""", "priority", "whole number")]
    [InlineData("""{"image":"a","constraints":{"zone":"a"}}""", "constraints", "give a list")]
    [InlineData("""{"image":"a","constraints":[{"label":"z","op":"~","values":["a"]}]}""", "constraints[0].op", "no operator")]
    [InlineData("""{"image":"a","constraints":[{"label":"z","op":"=","values":["a","b"]}]}""", "constraints[0].values", "use in")]
    [InlineData("""{"image":"a","constraints":[{"label":"z","op":"in","values":[]}]}""", "constraints[0].values", "takes 1 to")]
    [InlineData("""{"image":"a","constraints":[{"label":"z","op":"in"}]}""", "constraints[0].values", "is missing")]
    [InlineData("""{"image":"a","constraints":[{"label":"z","op":"exists","values":["x"]}]}""", "constraints[0].values", "takes no value")]
    [InlineData("""{"image":"a","constraints":[{"label":"a=b","op":"exists"}]}""", "constraints[0].label", "label name")]
    [InlineData("""{"image":"a","constraints":[{"op":"exists"}]}""", "constraints[0].label", "is missing")]
    [InlineData("""{"image":"a","preferences":[{"label":"z","op":"exists"}]}""", "preferences[0].weight", "is missing")]
    [InlineData("""{"image":"a","preferences":[{"label":"z","op":"exists","weight":101}]}""", "preferences[0].weight", "-100 to 100")]
    [InlineData("""{"image":"a","timeouts":{"run":"-5s"}}""", "timeouts.run", "no duration")]
    [InlineData("""{"image":"a","timeouts":{"run":"5 m"}}""", "timeouts.run", "no duration")]
    [InlineData("""{"image":"a","timeouts":{"run":60}}""", "timeouts.run", "such as 500ms")]
    [InlineData("""{"image":"a","timeouts":{"total":"9000h"}}""", "timeouts.total", "8760h")]
    [InlineData("""{"image":"a","timeouts":{"stopGrace":"61m"}}""", "timeouts.stopGrace", "1h")]
    [InlineData("""{"image":"a","retry":{"nonZero":{"max":50}}}""", "retry.nonZero.max", "0 to 49")]
    [InlineData("""{"image":"a","retry":{"nonZero":{"memoryFactor":2}}}""", "retry.nonZero.memoryFactor", "outOfMemory only")]
    [InlineData("""{"image":"a","retry":{"nonZero":{"backoff":{"factor":0.5}}}}""", "retry.nonZero.backoff.factor", "1 to 100")]
    [InlineData("""{"image":"a","retry":{"nonZero":{"backoff":{"initial":"2s","max":"1s"}}}}""", "retry.nonZero.backoff.max", "shorter")]
    [InlineData("""{"image":"a","exit":{"success":[]}}""", "exit.success", "no job could succeed")]
    [InlineData("""{"image":"a","exit":{"success":[256]}}""", "exit.success[0]", "0 to 255")]
    [InlineData("""{"image":"a","exit":{"success":[1,1]}}""", "exit.success", "twice")]
    [InlineData("""{"image":"a","exit":{"nonZero":"ok"}}""", "exit.nonZero", "fail, data")]
    [InlineData("""{"image":"a","labels":{"a b":"x"}}""", "labels.a b", "label name")]
    [InlineData("""{"image":"a","labels":{"a":7}}""", "labels.a", "give a string")]
    [InlineData("""{"image":"a","name":""}""", "name", "1 to 256")]
    [InlineData("""{"image":"a","owner":"\n"}""", "owner", "control")]
    public void A_wrong_field_is_named_with_its_remedy(string json, string field, string says)
    {
        var error = Assert.Single(Bad(json));
        Assert.Equal(field, error.Field);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secrets")]
    [InlineData("inputs")]
    [InlineData("artifacts")]
    [InlineData("init")]
    [InlineData("ready")]
    [InlineData("affinity")]
    [InlineData("fairness")]
    [InlineData("concurrency")]
    public void A_field_that_is_not_built_yet_is_refused_by_name(string field)
    {
        var error = Assert.Single(Bad("{\"image\":\"a\",\"" + field + "\":{}}"));
        Assert.Equal((field, "is not supported yet; leave it out."), (error.Field, error.Message));
    }

    [Theory]
    [InlineData("alpine")]
    [InlineData("bb:local")]
    [InlineData("127.0.0.1:5999/missing/img:1")]
    [InlineData("localhost/a")]
    [InlineData("registry.example.com:5000/team/sub-team/tool_x.y:V1.2-rc_3")]
    [InlineData("[::1]:5000/x")]
    [InlineData("alpine@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("a/b:t@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void An_image_reference_is_taken(string image) => Assert.Equal(image, Good($$"""{"image":"{{image}}"}""").Image);

    [Theory]
    [InlineData("Alpine")]
    [InlineData("alpine:")]
    [InlineData("alpine:-x")]
    [InlineData(":x")]
    [InlineData("/alpine")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("al pine")]
    [InlineData("https://host/x")]
    [InlineData("alpine@sha256:abc")]
    [InlineData("alpine@latest")]
    [InlineData("a__-b")]
    [InlineData("reg:5000/X")]
    [InlineData("alpine\\n")]
    public void A_bad_image_reference_is_refused(string image) => Assert.Equal("image", Assert.Single(Bad($$"""{"image":"{{image}}"}""")).Field);

    [Theory]
    [InlineData("\"0.5\"", 0.5)]
    [InlineData("\"500m\"", 0.5)]
    [InlineData("2", 2)]
    [InlineData("0.25", 0.25)]
    [InlineData("\"1500m\"", 1.5)]
    public void Cpu_is_cores_as_number_or_text_or_thousandths(string written, double cores) =>
        Assert.Equal((decimal)cores, Good("{\"image\":\"a\",\"resources\":{\"cpu\":" + written + "}}").Resources.Cpu);

    [Fact]
    public void A_cause_that_is_named_takes_from_its_default_what_it_does_not_say()
    {
        var retry = Good("""{"image":"a","retry":{"workerLost":{"backoff":{"initial":"2m"}},"pull":{"max":0},"outOfMemory":{"max":3,"memoryFactor":1.5}}}""").Retry;

        Assert.Equal(3, retry[RetryCause.WorkerLost].Max);
        Assert.Equal(TimeSpan.FromMinutes(2), retry[RetryCause.WorkerLost].Backoff.Max);
        Assert.Equal(0, retry[RetryCause.Pull].Max);
        Assert.Equal(1.5m, retry[RetryCause.OutOfMemory].MemoryFactor);
    }

    [Fact]
    public void G25_environment_values_are_taken_character_for_character()
    {
        const string Json = """{"process":["env","-0"],"env":{"NL":"a\nb\n","EQ":"k=v=w","DOLLAR":"$HOME ${X} $(id)","SP":"  lead and trail  ","Q":"it's \"q\" \\ back","U":"żółć 日本 \u2028 end","EMPTY":"","PCT":"%0A%%","HASH":"#not a comment"}}""";
        var env = Good(Json).Env;

        Assert.Equal(9, env.Count);
        Assert.Equal("a\nb\n", env["NL"]);
        Assert.Equal("żółć 日本 \u2028 end", env["U"]);
        Assert.Equal("", env["EMPTY"]);
        Assert.Equal("  lead and trail  ", env["SP"]);
        Assert.Equal(env, JobSpecReader.Read(JobSpecWriter.Write(Good(Json))).Spec!.Env);
    }

    [Fact]
    public void G26_arguments_are_taken_as_given()
    {
        string[] given = ["python3", "-c", "", "a b", " lead", "it's", "\"dq\"", "back\\slash", "-rf", "--", "*", "$HOME", "line1\nline2", "żé", "tab\there", "%s", "{}", "@file"];
        Assert.Equal(given, Good(JsonSerializer.Serialize(new { process = given })).Process);
    }

    [Fact]
    public void G27_one_string_of_the_kernels_limit_is_taken_and_a_byte_more_names_its_field()
    {
        Good(JsonSerializer.Serialize(new { process = new[] { "true" }, env = new { V = new string('x', 131_069) } }));
        Good(JsonSerializer.Serialize(new { process = new[] { "true", new string('x', 131_071) } }));

        var env = Assert.Single(Bad(JsonSerializer.Serialize(new { process = new[] { "true" }, env = new { V = new string('x', 131_070) } })));
        var argument = Assert.Single(Bad(JsonSerializer.Serialize(new { process = new[] { "true", new string('x', 131_072) } })));
        Assert.Equal(("env.V", "process[1]"), (env.Field, argument.Field));
        Assert.Contains("too long", env.Message, StringComparison.Ordinal);
        Assert.Contains("too long", argument.Message, StringComparison.Ordinal);
        Assert.True(env.Value!.Length <= 100);
    }

    [Fact]
    public void Stdin_of_64_KiB_is_taken_and_a_byte_more_refused()
    {
        Good(JsonSerializer.Serialize(new { image = "a", stdin = new string('é', 32_768) }));
        Assert.Equal("stdin", Assert.Single(Bad(JsonSerializer.Serialize(new { image = "a", stdin = new string('é', 32_768) + "x" }))).Field);
    }

    [Fact]
    public void Labels_that_do_not_fit_one_search_attribute_are_refused()
    {
        var labels = Enumerable.Range(0, 20).ToDictionary(n => $"label-{n}", _ => new string('v', 150));
        Assert.Equal("labels", Assert.Single(Bad(JsonSerializer.Serialize(new { image = "a", labels }))).Field);
    }

    [Fact]
    public void No_more_errors_are_listed_than_the_limit_and_the_rest_is_counted()
    {
        var many = string.Join(',', Enumerable.Range(0, 1_000).Select(n => $"\"unknown-{n}\":1"));
        var errors = Bad($$"""{"image":"a",{{many}}}""");
        Assert.Equal(SpecLimits.Errors + 1, errors.Count);
        Assert.Contains("900 more", errors[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_element_of_another_document_is_read_as_it_was_written()
    {
        using var document = JsonDocument.Parse("""{"spec":{"image":"a","image":"b"}}""");
        Assert.Equal("image", Assert.Single(JobSpecReader.Read(document.RootElement.GetProperty("spec")).Errors).Field);
        Assert.Contains("empty", Assert.Single(JobSpecReader.Read(default(JsonElement)).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_bytes_whatever_break_the_reader() => Gen.OneOf(
        Gen.Byte.Array[0, 60],
        Gen.Select(SpecGen.Spec, Gen.Int[0, 400], Gen.Byte, (spec, at, value) =>
        {
            var bytes = JobSpecWriter.Write(spec);
            bytes[at % bytes.Length] = value;
            return bytes;
        }),
        Gen.Select(SpecGen.Spec, Gen.Int[0, 2_000], (spec, at) => JobSpecWriter.Write(spec)[..(at % 200)])).Sample(bytes =>
    {
        var reading = JobSpecReader.Read(bytes);
        Assert.True(reading.Spec is null != reading.Errors.Count is 0);
    });

    private static JobSpec Good(string json)
    {
        var reading = JobSpecReader.Read(Encoding.UTF8.GetBytes(json));
        Assert.Empty(reading.Errors);
        return reading.Spec!;
    }

    private static IReadOnlyList<SpecError> Bad(string json)
    {
        var reading = JobSpecReader.Read(Encoding.UTF8.GetBytes(json));
        Assert.Null(reading.Spec);
        return reading.Errors;
    }
}
