namespace Dispatch.Runtimes.Process;

/// <summary>The guard answered that it did not do what it was asked.</summary>
internal sealed class GuardRefusal(int error, string message) : Exception(message)
{
    /// <summary>The permission of the attempt has ended: nothing may be started.</summary>
    internal const int PermissionEnded = -1;

    /// <summary>The guard takes no more.</summary>
    internal const int TooMany = -2;

    /// <summary>The kernel's error number of the step that failed, or a negative number of this class.</summary>
    internal int Error { get; } = error;
}
