using System.Runtime.InteropServices;
using System.Text;

namespace Dispatch.Runtimes.Host;

/// <summary>All that a new process is to be.</summary>
internal sealed record SpawnRequest
{
    /// <summary>The program's file; not looked up anywhere.</summary>
    internal required string Program { get; init; }

    /// <summary>Its arguments, the zeroth included.</summary>
    internal required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Its whole environment, as <c>NAME=value</c>.</summary>
    internal required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Where it starts.</summary>
    internal required string WorkingDirectory { get; init; }

    /// <summary>Open files of the caller, above 2, that become its standard streams.</summary>
    internal required int Stdin { get; init; }

    internal required int Stdout { get; init; }

    internal required int Stderr { get; init; }
}

/// <summary>Starts processes by <c>posix_spawn</c>: own session, every signal at its default and none blocked, exactly the given environment, no other file open
/// (all of ours are opened close-on-exec).</summary>
internal static unsafe class PosixSpawn
{
    private const short SetSignalDefaults = 0x04, SetSignalMask = 0x08, SetSession = 0x80;

    // Both opaque structures are at most 336 bytes in the C libraries that there are.
    private const int OpaqueLongs = 64, SignalSetBytes = 128;

    /// <summary>Starts one; the child belongs to the calling thread's process.</summary>
    /// <param name="request">What to start.</param>
    /// <param name="pid">The new process's id.</param>
    /// <returns>0, or the error number of the step that failed.</returns>
    internal static int Start(SpawnRequest request, out int pid)
    {
        if (request.Stdin <= 2 || request.Stdout <= 2 || request.Stderr <= 2)
        {
            throw new ArgumentException("The files for the standard streams must be above 2.", nameof(request));
        }

        var attributes = stackalloc ulong[OpaqueLongs];
        var actions = stackalloc ulong[OpaqueLongs];
        var all = stackalloc byte[SignalSetBytes];
        var none = stackalloc byte[SignalSetBytes];
        new Span<byte>(all, SignalSetBytes).Fill(0xFF);
        new Span<byte>(none, SignalSetBytes).Clear();
        var program = Text(request.Program);
        var directory = Text(request.WorkingDirectory);
        var argv = Texts(request.Arguments);
        var envp = Texts(request.Environment);
        _ = LibC.posix_spawnattr_init(attributes);
        _ = LibC.posix_spawn_file_actions_init(actions);
        try
        {
            _ = LibC.posix_spawnattr_setflags(attributes, SetSignalDefaults | SetSignalMask | SetSession);
            _ = LibC.posix_spawnattr_setsigdefault(attributes, all);
            _ = LibC.posix_spawnattr_setsigmask(attributes, none);
            _ = LibC.posix_spawn_file_actions_addchdir_np(actions, directory);
            _ = LibC.posix_spawn_file_actions_adddup2(actions, request.Stdin, 0);
            _ = LibC.posix_spawn_file_actions_adddup2(actions, request.Stdout, 1);
            _ = LibC.posix_spawn_file_actions_adddup2(actions, request.Stderr, 2);
            int started;
            var error = LibC.posix_spawn(&started, program, actions, attributes, argv, envp);
            pid = error == 0 ? started : 0;
            return error;
        }
        finally
        {
            _ = LibC.posix_spawn_file_actions_destroy(actions);
            _ = LibC.posix_spawnattr_destroy(attributes);
            NativeMemory.Free(program);
            NativeMemory.Free(directory);
            NativeMemory.Free(argv);
            NativeMemory.Free(envp);
        }
    }

    private static byte* Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var memory = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(memory, length));
        memory[length] = 0;
        return memory;
    }

    /// <summary>A vector of pointers, a null at its end, with the texts behind it in the same piece of memory.</summary>
    private static byte** Texts(IReadOnlyList<string> texts)
    {
        var bytes = texts.Sum(text => (long)Encoding.UTF8.GetByteCount(text) + 1);
        var vector = (byte**)NativeMemory.Alloc((nuint)(((texts.Count + 1) * sizeof(byte*)) + bytes));
        var next = (byte*)(vector + texts.Count + 1);
        for (var i = 0; i < texts.Count; i++)
        {
            vector[i] = next;
            var length = Encoding.UTF8.GetByteCount(texts[i]);
            Encoding.UTF8.GetBytes(texts[i], new Span<byte>(next, length));
            next[length] = 0;
            next += length + 1;
        }

        vector[texts.Count] = null;
        return vector;
    }
}
