namespace Dispatch.Runtimes.Process;

/// <summary>How plain processes are run.</summary>
public sealed record ProcessRuntimeOptions
{
    /// <summary>Whether processes go on when the worker process dies; false where both live in one container, as in a pod. Default true.</summary>
    public bool SurvivesWorker { get; init; } = true;

    /// <summary>The value of PATH for processes whose plan has none; also where their command is looked up. Default: the worker's own, or the usual system folders.</summary>
    public string Path { get; init; } = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } own ? own : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}
