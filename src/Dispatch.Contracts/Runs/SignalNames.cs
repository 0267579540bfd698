using System.Globalization;

namespace Dispatch.Contracts.Runs;

/// <summary>The names of Linux's signals (signal(7); x86 and ARM numbers).</summary>
public static class SignalNames
{
    private const int RealTimeFirst = 34;
    private const int RealTimeLast = 64;

    private static readonly string[] Names =
    [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE",
        "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ",
        "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary>The name of a signal.</summary>
    /// <param name="number">Its number.</param>
    /// <returns>Such as <c>SIGTERM</c>; <c>SIGRTMIN+n</c> for real-time signals; <c>SIG</c> and the number for one that has no name.</returns>
    public static string Of(int number) => number switch
    {
        > 0 when number < Names.Length => Names[number],
        RealTimeFirst => "SIGRTMIN",
        > RealTimeFirst and <= RealTimeLast => string.Create(CultureInfo.InvariantCulture, $"SIGRTMIN+{number - RealTimeFirst}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"SIG{number}"),
    };

    /// <summary>The number of a signal.</summary>
    /// <param name="name">Its name, with or without <c>SIG</c>, exact.</param>
    /// <param name="number">The number.</param>
    /// <returns>Whether it is a named signal.</returns>
    public static bool TryParse(string? name, out int number)
    {
        var whole = name is not null && name.StartsWith("SIG", StringComparison.Ordinal) ? name : "SIG" + name;
        number = Array.IndexOf(Names, whole);
        return number > 0;
    }
}
