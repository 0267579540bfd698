namespace Dispatch.Runtimes.Host;

/// <summary>The usual limit of open files for a child. The .NET runtime raises its own to the highest at its start, children would inherit that,
/// and programs that close or poll every possible file suffer from it.</summary>
internal static unsafe class OpenFilesLimit
{
    /// <summary>What a login has, where the highest allowed is not lower.</summary>
    internal const ulong Usual = 1024;

    /// <summary>While a start is under way this process has the usual limit itself, if files of its own stay this far below it.</summary>
    private const int Room = 128;

    private const int OpenFiles = 7;

    /// <summary>Runs a start under the usual limit.</summary>
    /// <param name="start">Starts a child and returns its id, 0 where it failed.</param>
    /// <param name="newestFile">The number of the file opened last, which tells how many are open.</param>
    internal static int Start(Func<int> start, int newestFile)
    {
        LibC.Limit own;
        if (LibC.prlimit(0, OpenFiles, null, &own) != 0 || own.Soft <= Usual)
        {
            return start();
        }

        var usual = new LibC.Limit { Soft = Math.Min(Usual, own.Hard), Hard = own.Hard };
        if (newestFile + Room >= (int)usual.Soft)
        {
            // Too many open to go down even for a moment: the child has the high limit until it is set from here.
            var late = start();
            if (late > 0)
            {
                _ = LibC.prlimit(late, OpenFiles, &usual, null);
            }

            return late;
        }

        try
        {
            _ = LibC.prlimit(0, OpenFiles, &usual, null);
            return start();
        }
        finally
        {
            _ = LibC.prlimit(0, OpenFiles, &own, null);
        }
    }
}
