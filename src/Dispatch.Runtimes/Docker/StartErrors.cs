using System.Net;
using System.Text.RegularExpressions;
using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Docker;

/// <summary>Reads out of the engine's words why a container could not be created or started, and says which field of the spec is to blame.</summary>
internal static partial class StartErrors
{
    private static readonly string[] EngineFaults =
    [
        "no space left on device", "containerd", "connection error", "context deadline exceeded", "shim", "device or resource busy", "too many open files",
        "layer does not exist",
        // The runtime below the engine cannot work on this host, whatever the image and the command.
        "cgroups in hybrid mode not supported", "no cgroup mount found in mountinfo", "cgroup mountpoint does not exist", "default OCI runtime",
    ];

    /// <summary>Classifies what the engine said when asked to create or start.</summary>
    /// <param name="subject">What was to be started: the job's container by name, or its command.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="message">The engine's words.</param>
    /// <param name="user">The user of the plan, if any.</param>
    /// <param name="inner">The exception that brought the answer.</param>
    /// <returns><c>StartFailed</c>, <c>ImageNotFound</c> where the image went meanwhile, <c>WorkerLost</c> where the container did, <c>RuntimeUnavailable</c> for a fault of the engine.</returns>
    public static RuntimeException From(string subject, HttpStatusCode status, string message, string? user, Exception? inner = null)
    {
        if (status == HttpStatusCode.NotFound && Says(message, "no such image"))
            return new RuntimeException(ErrorCode.ImageNotFound, $"The image of {subject} is no longer on this host: {message}.", inner);
        if ((status == HttpStatusCode.NotFound && Says(message, "no such container")) || Says(message, "marked for removal"))
            return NotThere($"The container of {subject} is not there to be started: {message}.", inner);
        if (UnknownUser().IsMatch(message))
            return Failed($"user '{user}' does not exist in the image, so {subject} could not be started: {message}. Change user, or write it as a number", inner);
        if (Says(message, "argument list too long"))
            return Failed($"a value of env or an argument of {subject} is too long for the kernel (131,071 bytes each, about 2 MB together): {message}", inner);
        if (CommandMissing().Match(message) is { Success: true } command)
            return Failed($"command '{command.Groups["command"].Value}' of {subject} could not be executed: {message}. Check command against what the image has", inner);
        if (Says(message, "network"))
            return Failed($"network of {subject} is not to be had on this host: {message}", inner);
        if ((int)status >= 500 && EngineFaults.Any(fault => Says(message, fault)))
            return new RuntimeException(ErrorCode.RuntimeUnavailable, $"The engine could not start {subject}: {message}.", inner);
        return Failed($"{subject} could not be started: {message}", inner);
    }

    /// <summary>The init process could not execute the command: it says so on standard error and nothing else was ever written.</summary>
    /// <param name="exitCode">The container's exit code.</param>
    /// <param name="stdoutBytes">Bytes on standard output.</param>
    /// <param name="stderr">All of standard error, as far as it was kept.</param>
    /// <param name="given">The command that was to be executed: some init processes do not name it.</param>
    /// <returns>The error, or null where the command did run.</returns>
    public static RuntimeException? FromInit(int exitCode, long stdoutBytes, string stderr, string given)
    {
        if (exitCode is not (1 or 126 or 127) || stdoutBytes > 0 || InitFatal().Match(stderr) is not { Success: true } match)
            return null;
        var command = match.Groups["command"] is { Success: true, Value: var named } ? named : given;
        return Failed(
            $"command '{command}' could not be executed in the container: {match.Groups["why"].Value}. Check command against what the image has", null);
    }

    /// <summary>Removed before it was started, as by whoever ends what has no permission any more: that is not the job's fault.</summary>
    public static RuntimeException NotThere(string text, Exception? inner) => new(ErrorCode.WorkerLost, text, inner) { ContainerGone = true };

    public static RuntimeException Failed(string text, Exception? inner) =>
        new(ErrorCode.StartFailed, $"{char.ToUpperInvariant(text[0])}{text[1..]}{(text.EndsWith('.') ? "" : ".")}", inner);

    private static bool Says(string message, string phrase) => message.Contains(phrase, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("unable to find (user|group)|linux spec user|no matching entries in (passwd|group) file", RegexOptions.IgnoreCase)]
    private static partial Regex UnknownUser();

    [GeneratedRegex("""exec: "(?<command>[^"]*)": |executable file `(?<command>[^`]*)` not found""")]
    private static partial Regex CommandMissing();

    // The words of the init process, and of the runtime below the engine where even the init process could not be executed.
    [GeneratedRegex(
        @"\A(\[FATAL tini \(\d+\)\] exec (?<command>.*) failed: (?<why>[^\n]*)|exec (?<command>/sbin/docker-init): (?<why>[^\n]*)|ERROR \(catatonit:\d+\): failed to exec pid1: (?<why>[^\n]*))\n?\z", RegexOptions.Singleline)]
    private static partial Regex InitFatal();
}
