using Dispatch.Contracts.Jobs;

namespace Dispatch.Integration.Tests.BadInput;

/// <summary>Specs that are wrong, each with the fields that must be named.</summary>
public static class BadSpecs
{
    public static TheoryData<string, string, string[]> All
    {
        get
        {
            var all = new TheoryData<string, string, string[]>
            {
                { "unknown field", """{"process":["true"],"comand":["x"]}""", ["comand"] },
                { "unknown nested field", """{"process":["true"],"timeouts":{"runs":"1s"}}""", ["timeouts.runs"] },
                { "wrong type", """{"process":"true"}""", ["process"] },
                { "wrong nested type", """{"process":["true"],"env":{"A":1}}""", ["env.A"] },
                { "negative number", """{"process":["true"],"resources":{"cpu":-1,"memory":"-1Mi"}}""", ["resources.cpu", "resources.memory"] },
                { "number out of range", """{"process":["true"],"priority":101}""", ["priority"] },
                { "unknown pool", """{"process":["true"],"pool":"nosuchpool"}""", ["pool"] },
                { "bad operator", """{"process":["true"],"constraints":[{"label":"a","op":"~","values":["1"]}]}""", ["constraints[0].op"] },
                { "bad constraint value", """{"process":["true"],"constraints":[{"label":"a","op":">","values":["many"]}]}""", ["constraints[0].values"] },
                { "constraint without label", """{"process":["true"],"constraints":[{"op":"=","values":["1"]}]}""", ["constraints[0].label"] },
                { "missing command", """{"env":{"A":"1"}}""", ["image"] },
                { "empty command", """{"process":[]}""", ["process"] },
                { "image and process", """{"image":"bb:local","process":["true"]}""", ["image"] },
                { "several at once", """{"process":["true"],"pool":"a pool","priority":"high","timeouts":{"run":"soon"},"stdin":5,"nosuch":1}""", ["pool", "priority", "timeouts.run", "stdin", "nosuch"] },
                { "stdin too large", $$"""{"process":["cat"],"stdin":"{{new string('x', SpecLimits.StdinBytes + 1)}}"}""", ["stdin"] },
                { "no object", """["true"]""", ["spec"] },
            };
            foreach (var name in (string[])["secrets", "inputs", "artifacts", "init", "ready", "affinity", "fairness", "concurrency"])
                all.Add($"not built yet: {name}", $$$"""{"process":["true"],"{{{name}}}":{}}""", [name]);
            return all;
        }
    }
}
