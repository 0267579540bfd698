namespace Dispatch.Runtimes.Process;

/// <summary>The kinds of frames. Each question has a number, its answer the same one; answers may overtake each other.</summary>
internal enum GuardFrame : byte
{
    /// <summary>Question: who are you? Answer: version, pid, what is enforced.</summary>
    Hello = 1,

    /// <summary>Question: are you there? Answer: the same.</summary>
    Ping = 2,

    /// <summary>Question: start this. Answer: <see cref="GuardStart"/> or a refusal.</summary>
    Spawn = 3,

    /// <summary>Question: send a signal to the main process; SIGKILL goes to all of it. Answer: whether it runs.</summary>
    Signal = 4,

    /// <summary>Question: how does it end? The answer comes when it has.</summary>
    Wait = 5,

    /// <summary>Question: what do you know of this name? Answer: an entry or nothing.</summary>
    Find = 6,

    /// <summary>Question: all that you know. Answer: the entries.</summary>
    List = 7,

    /// <summary>Question: forget one that has ended. Answer: whether nothing of it is left.</summary>
    Forget = 8,

    /// <summary>An answer that is a refusal: error number and text.</summary>
    Refused = 64,
}
