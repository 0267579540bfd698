using Dispatch.Contracts.Operations;

namespace Dispatch.Workflows.Jobs;

/// <summary>Holds the laws of operations at run time: a step that would break one fails its workflow task before anything of it is recorded.</summary>
internal static class OperationGuard
{
    /// <summary>Checks what a step adds.</summary>
    /// <param name="before">What the job knows.</param>
    /// <param name="progress">What it would know.</param>
    /// <exception cref="InvalidOperationException">A law is broken; the text says which.</exception>
    public static void Hold(JobProgress before, JobProgress progress)
    {
        if (progress.Operations.Count == before.Operations.Count) return;
        var closed = progress.Phase is JobPhase.Settling or JobPhase.Closed;
        var broken = OperationLaws.Check(progress.Operations, closed);
        if (broken.Count > 0) throw new InvalidOperationException($"Job {progress.Facts.Job}: {string.Join(" ", broken.Select(law => law.Text))}");
    }
}
