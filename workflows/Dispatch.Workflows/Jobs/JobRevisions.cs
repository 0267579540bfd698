namespace Dispatch.Workflows.Jobs;

/// <summary>The revisions of the job workflow that are decided in its machine. A run keeps what held when it came to the place.</summary>
internal static class JobRevisions
{
    /// <summary>From it on an extension is answered when it is in force, and the job follows its row to a later attempt that a worker may have, also to stop it.</summary>
    public const string Second = "rev-2";

    /// <summary>From it on a job that was reset and is stopped where its history has no attempt open asks what its row has first. Only a run that a reset began follows it.</summary>
    public const string Third = "rev-3";
}
