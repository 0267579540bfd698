using System.Globalization;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>What may be said of a container's end, from what the engine shows and what this runtime did. Nothing is guessed from the code alone.</summary>
internal static class ExitFacts
{
    public const int SigTerm = 15;
    public const int SigKill = 9;

    /// <summary>The exit of an ended container.</summary>
    /// <param name="state">The engine's view of it.</param>
    /// <param name="sent">The signals that this runtime sent to it.</param>
    /// <returns>Code, memory flag and times from the engine; the signal only where it is known.</returns>
    public static ContainerExit From(State state, IReadOnlyCollection<int> sent)
    {
        var code = (int)state.ExitCode;
        var startedAt = Time(state.StartedAt);
        return new ContainerExit(code, Signal(code, state.OOMKilled, sent), state.OOMKilled, startedAt, NotBefore(startedAt, Time(state.FinishedAt)));
    }

    /// <summary>The exit of a container that ended with code 0 by itself.</summary>
    public static ContainerExit Well(DateTimeOffset startedAt, DateTimeOffset endedAt) => new(0, null, OutOfMemory: false, startedAt, NotBefore(startedAt, endedAt));

    /// <summary>The signal that ended the main process: the engine tells a code only, and a program may itself return 128 + n.</summary>
    /// <param name="code">The exit code.</param>
    /// <param name="outOfMemory">Whether the kernel killed for memory.</param>
    /// <param name="sent">The signals that this runtime sent.</param>
    /// <returns>A signal that was sent by the runtime or the kernel and explains the code; else null.</returns>
    public static int? Signal(int code, bool outOfMemory, IReadOnlyCollection<int> sent)
    {
        var signal = code - 128;
        if (outOfMemory && signal == SigKill)
            return SigKill;
        return sent.Contains(signal) ? signal : null;
    }

    /// <summary>Whether an end may be the beginning of a removal by somebody else: a kill that neither this runtime nor the kernel did.</summary>
    /// <param name="container">The engine's view of the ended container.</param>
    /// <param name="sent">The signals that this runtime sent.</param>
    /// <returns>True where the container is there, is not seen to be going, and was killed by somebody else.</returns>
    public static bool MayBeUnderRemoval(EngineContainer container, IReadOnlyCollection<int> sent) =>
        container is { IsGoing: false, State: { Running: false, OOMKilled: false, ExitCode: 128 + SigKill } } && !sent.Contains(SigKill);

    public static ContainerPhase Phase(State state)
    {
        if (state.Running || state.Paused)
            return ContainerPhase.Running;
        return WasStarted(state) ? ContainerPhase.Exited : ContainerPhase.Created;
    }

    /// <summary>The engine takes the two times in two places: of a very short container the end may come out before the start.</summary>
    private static DateTimeOffset NotBefore(DateTimeOffset startedAt, DateTimeOffset endedAt) => endedAt > startedAt ? endedAt : startedAt;

    public static bool WasStarted(State state) => Time(state.StartedAt) > DateTimeOffset.UnixEpoch;

    public static DateTimeOffset Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : default;

    public static int? ProcessId(State state) => state.Running && state.Pid > 0 ? (int)state.Pid : null;
}
