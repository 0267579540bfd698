using System.Text;
using System.Text.Json;

namespace Dispatch.Integration.Tests.Stack;

/// <summary>A process that has ended: its exit code and all that it wrote.</summary>
public sealed record Finished(int ExitCode, byte[] Stdout, byte[] Stderr)
{
    public string Out => Encoding.UTF8.GetString(Stdout);

    public string Error => Encoding.UTF8.GetString(Stderr);

    /// <summary>Standard output, which must be exactly one JSON document.</summary>
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Stdout);

    /// <summary>Standard output of a call that must have succeeded.</summary>
    public string Ok()
    {
        Assert.True(ExitCode == 0, ToString());
        return Out;
    }

    /// <summary>The call was refused with this code, in words for people: no stack trace, nothing on standard output.</summary>
    public Finished Refused(int exitCode, params string[] says)
    {
        Assert.True(ExitCode == exitCode, ToString());
        Assert.True(Stdout.Length == 0, ToString());
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
        foreach (var text in says)
            Assert.Contains(text, Error, StringComparison.OrdinalIgnoreCase);
        return this;
    }

    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Out}\n--- stderr\n{Error}";
}
