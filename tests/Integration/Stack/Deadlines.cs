namespace Dispatch.Integration.Tests.Stack;

/// <summary>How long a test waits before it says that something did not come to pass. They are wide: a loaded machine is slow, not wrong.</summary>
internal static class Deadlines
{
    /// <summary>A role is up, or gone.</summary>
    public static readonly TimeSpan Role = TimeSpan.FromSeconds(90);

    /// <summary>A verb that does not wait for a job has ended.</summary>
    public static readonly TimeSpan Verb = TimeSpan.FromSeconds(60);

    /// <summary>A short job has ended.</summary>
    public static readonly TimeSpan Job = TimeSpan.FromSeconds(120);

    /// <summary>What a job leaves is gone.</summary>
    public static readonly TimeSpan Gone = TimeSpan.FromSeconds(45);

    /// <summary>How much later than promised something may be seen on a loaded machine.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);
}
