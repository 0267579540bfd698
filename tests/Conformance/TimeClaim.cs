using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>A recording's claim that one timestamp follows another.</summary>
internal static class TimeClaim
{
    /// <summary>The difference, or null when the claim holds.</summary>
    public static (string Path, string Text)? Check(JsonObject claim, Bindings bindings)
    {
        var that = At(claim, "that", bindings);
        if (claim["notBefore"] is not null)
        {
            var early = At(claim, "notBefore", bindings) - that;
            return early <= 0 ? null : ("times", $"{claim.ToJsonString(ScenarioJson.Relaxed)} is early by {early:0.000} s");
        }

        var off = that - At(claim, "is", bindings) - (double)claim["plus"]!;
        return Math.Abs(off) <= (double)claim["within"]! ? null : ("times", $"{claim.ToJsonString(ScenarioJson.Relaxed)} is off by {off:0.000} s");
    }

    private static double At(JsonObject claim, string name, Bindings bindings) =>
        Bindings.Seconds(bindings.Filled((string)claim[name]!));
}
