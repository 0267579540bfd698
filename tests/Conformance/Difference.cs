namespace Dispatch.Conformance;

/// <summary>One thing in which a server differs from a recording.</summary>
/// <param name="Step">Number of the step in its file, from 0.</param>
/// <param name="Method">The method called.</param>
/// <param name="Path">Where in the answer.</param>
/// <param name="Text">Expected and actual.</param>
internal sealed record Difference(int Step, string Method, string Path, string Text)
{
    /// <summary>The server doesn't serve the method at all.</summary>
    public bool IsUnserved { get; init; }

    public override string ToString() => $"step {Step} {Method} {Path}: {Text}";
}
