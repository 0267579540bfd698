namespace Dispatch.Cli;

/// <summary>What the executable's exit codes mean. <c>run</c> and <c>wait</c> exit with the job's own code where it has one.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Asked and refused: an unknown job, a history that differs, a command not applied, output that is missing.</summary>
    public const int Failure = 1;

    /// <summary>The call itself is wrong, or the machine lacks what it needs: a broken option, a port in use, no server.</summary>
    public const int Usage = 2;

    /// <summary>The job ended without an exit code of its own to hand on (stopped, timed out with code 0, never started).</summary>
    public const int NoCode = 125;

    /// <summary>The reader of the output went away.</summary>
    public const int BrokenPipe = 141;
}
