namespace Dispatch.Runtimes;

/// <summary>The labels every container of Dispatch bears.</summary>
public static class ContainerLabels
{
    /// <summary>The job's id.</summary>
    public const string Job = "dispatch.job";

    /// <summary>The conversation's id.</summary>
    public const string Conversation = "dispatch.conversation";

    /// <summary>The attempt's number.</summary>
    public const string Attempt = "dispatch.attempt";

    /// <summary>The lease's id.</summary>
    public const string Lease = "dispatch.lease";

    /// <summary>The worker's id.</summary>
    public const string Worker = "dispatch.worker";

    /// <summary>The id of the worker's data directory: only containers with the own one may be adopted or swept.</summary>
    public const string DataDirectory = "dispatch.data-directory";
}
