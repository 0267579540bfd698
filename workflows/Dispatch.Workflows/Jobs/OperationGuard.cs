using Dispatch.Contracts.Operations;

namespace Dispatch.Workflows.Jobs;

/// <summary>Holds the laws of operations at run time: a step that would break one fails its workflow task before anything of it is recorded.</summary>
internal static class OperationGuard
{
    /// <summary>Checks what is about to be recorded.</summary>
    /// <param name="progress">What the job would know.</param>
    /// <exception cref="InvalidOperationException">A law is broken; the text says which.</exception>
    public static void Hold(JobProgress progress)
    {
        var closed = progress.Phase is JobPhase.Settling or JobPhase.Closed;
        var broken = OperationLaws.Check(progress.Operations, closed);
        if (broken.Count > 0) throw new InvalidOperationException($"Job {progress.Facts.Job}: {string.Join(" ", broken.Select(law => law.Text))}");
    }
}
