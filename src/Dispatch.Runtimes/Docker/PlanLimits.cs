using System.Text;

namespace Dispatch.Runtimes.Docker;

/// <summary>What can be told from a plan alone: the engine would take nought for "no limit", and notices a value that is too long only when it cannot be named any more.</summary>
internal static class PlanLimits
{
    // The kernel's limit of one argument or environment entry, in pages, its final NUL included.
    private const int StringPagesMax = 32;

    /// <summary>Most bytes of one argument or one <c>name=value</c> on this host.</summary>
    public static int StringBytesMax => (StringPagesMax * Environment.SystemPageSize) - 1;

    /// <summary>Checks a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stringBytesMax">Most bytes of one string, see <see cref="StringBytesMax"/>.</param>
    /// <returns>Why it cannot be started, or null.</returns>
    public static RuntimeException? Broken(ContainerPlan plan, int stringBytesMax)
    {
        if (plan.MemoryBytes <= 0)
            return StartErrors.Failed($"Limit resources.memory is {plan.MemoryBytes} bytes; it must be more than nought", null);
        if (plan.PidsMax <= 0)
            return StartErrors.Failed($"Limit resources.pids is {plan.PidsMax}; it must be more than nought", null);
        if (!(plan.CpuCores > 0))
            return StartErrors.Failed(FormattableString.Invariant($"Limit resources.cpu is {plan.CpuCores}; it must be more than nought"), null);

        foreach (var (name, value) in plan.Environment)
        {
            if (Encoding.UTF8.GetByteCount(name) + 1 + Encoding.UTF8.GetByteCount(value) > stringBytesMax)
                return StartErrors.Failed($"Value env.{name} is too long: name and value together may have {stringBytesMax - 1} bytes. Bring the value in by a file or stdin", null);
        }

        var words = plan.Command.Concat(plan.Arguments).ToList();
        var tooLong = words.FindIndex(word => Encoding.UTF8.GetByteCount(word) > stringBytesMax);
        return tooLong < 0 ? null : StartErrors.Failed(
            $"Argument {tooLong} of command and args is too long: one may have {stringBytesMax} bytes. Bring the value in by a file or stdin", null);
    }
}
