using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>Reads a transfer's progress: an error in it is an error of the pull, though the engine answered 200.</summary>
internal sealed class PullProgress(int messagesMax, Action breakOff) : IProgress<JSONMessage>
{
    private int _messages;

    public string? Error { get; private set; }

    /// <summary>True where the engine said that it had the newest already.</summary>
    public bool UpToDate { get; private set; }

    public void Report(JSONMessage value)
    {
        if (++_messages > messagesMax)
        {
            Error ??= $"the engine sent more than {messagesMax} progress messages";
            breakOff();
            return;
        }

        if (value.Error is { } error)
            Error ??= error.Message ?? "unknown error";
        if (value.Status?.Contains("Image is up to date", StringComparison.Ordinal) == true)
            UpToDate = true;
    }
}
