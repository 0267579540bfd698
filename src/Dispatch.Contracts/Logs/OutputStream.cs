namespace Dispatch.Contracts.Logs;

/// <summary>One of the two output streams.</summary>
public enum OutputStream
{
    /// <summary>Standard output.</summary>
    Stdout = 1,

    /// <summary>Standard error.</summary>
    Stderr = 2,
}
