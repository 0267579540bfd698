using System.Globalization;
using System.Text;
using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Host;

namespace Dispatch.Runtimes.Process;

/// <summary>Turns a record into what the guard starts: environment, program, folder and user resolved, and every reason why it cannot start named.</summary>
internal static class StartPreparation
{
    internal static GuardSpawn Prepare(ProcessRecord record, ProcessRuntimeOptions options)
    {
        var identity = Identity(record);
        var work = ProcessLayout.WorkFolder(record.AttemptDirectory);
        var environment = BuildEnvironment(record, options);
        var directory = record.WorkingDirectory is { Length: > 0 } wanted ? Path.Combine(work, wanted) : work;
        if (!Directory.Exists(directory))
        {
            throw Failure(record, File.Exists(directory) ? $"workingDir {directory} is not a folder" : $"workingDir {directory} does not exist");
        }

        CheckTexts(record, environment);
        var program = CommandLookup.Find(record.Arguments[0], environment["PATH"], directory, out var problem) ?? throw Failure(record, problem);
        if (identity is not null)
        {
            ProcessFolders.GiveTo(identity, record);
        }

        return new GuardSpawn
        {
            Name = record.Name,
            Place = record.Place,
            Program = program,
            Arguments = record.Arguments,
            Environment = [.. environment.Select(entry => $"{entry.Key}={entry.Value}")],
            WorkingDirectory = directory,
            Identity = identity is null ? [] : [.. new[] { identity.User, identity.Group }.Concat(identity.Groups).Select(n => n.ToString(CultureInfo.InvariantCulture))],
            MemoryBytes = record.MemoryBytes,
            PidsMax = record.PidsMax,
            CpuCores = record.CpuCores,
        };
    }

    /// <summary>The text for a start that the guard could not do.</summary>
    internal static RuntimeException Explain(ProcessRecord record, GuardSpawn spawn, GuardRefusal refusal) => refusal.Error switch
    {
        GuardRefusal.PermissionEnded => new RuntimeException(ErrorCode.StaleLease, $"The process '{record.Name}' was not started: {refusal.Message}"),
        GuardRefusal.TooMany => new RuntimeException(ErrorCode.RuntimeUnavailable, $"The process '{record.Name}' was not started: {refusal.Message}"),
        LinuxNumbers.E2BIG => Failure(record, $"arguments and environment together are too long for the kernel; the longest is {Longest(record)}"),
        LinuxNumbers.EACCES when record.User is { } user => Failure(
            record, $"user '{user}' may not enter workingDir {spawn.WorkingDirectory} or may not execute {spawn.Program}"),
        LinuxNumbers.EACCES => Failure(record, $"command '{record.Arguments[0]}' may not be executed ({spawn.Program}, or workingDir {spawn.WorkingDirectory} may not be entered)"),
        LinuxNumbers.ENOENT => Failure(record, $"command '{record.Arguments[0]}' cannot be started: the interpreter that {spawn.Program} names does not exist"),
        LinuxNumbers.ENOEXEC => Failure(record, $"command '{record.Arguments[0]}' is no program of this machine ({spawn.Program})"),
        LinuxNumbers.EAGAIN or LinuxNumbers.ENOMEM => new RuntimeException(
            ErrorCode.RuntimeUnavailable, $"The process '{record.Name}' was not started: the host has no process or no memory left ({refusal.Message})."),
        _ => Failure(record, $"command '{record.Arguments[0]}' ({spawn.Program}): {refusal.Message}"),
    };

    internal static RuntimeException Failure(ProcessRecord record, string problem) =>
        new(ErrorCode.StartFailed, $"The process '{record.Name}' cannot be started: {problem}.");

    /// <summary>All there is: PATH, HOME, TMPDIR, the container's name, the outcome's file, and what the plan says, which wins.</summary>
    private static Dictionary<string, string> BuildEnvironment(ProcessRecord record, ProcessRuntimeOptions options)
    {
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = options.Path,
            ["HOME"] = ProcessLayout.WorkFolder(record.AttemptDirectory),
            ["TMPDIR"] = ProcessLayout.TemporaryFolder(record.Place.Folder),
            ["DISPATCH_OUTCOME"] = ProcessLayout.OutcomeFile(record.AttemptDirectory),
        };
        foreach (var (name, value) in record.Environment)
        {
            environment[name] = value;
        }

        environment[ProcessLayout.ContainerVariable] = record.Name;
        return environment;
    }

    private static void CheckTexts(ProcessRecord record, Dictionary<string, string> environment)
    {
        foreach (var (name, value) in environment)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
            {
                throw Failure(record, $"env: '{name}' is no name of an environment entry");
            }

            CheckText(record, $"env.{name}", value, Encoding.UTF8.GetByteCount(name) + 1);
        }

        for (var i = 0; i < record.Arguments.Length; i++)
        {
            CheckText(record, $"argument {i}", record.Arguments[i], 0);
        }
    }

    private static void CheckText(ProcessRecord record, string field, string value, int bytesBefore)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw Failure(record, $"{field} has a zero byte in it, which no process can be given");
        }

        var max = LinuxNumbers.ArgumentBytesMax - 1 - bytesBefore;
        var bytes = Encoding.UTF8.GetByteCount(value);
        if (bytes > max)
        {
            throw Failure(record, $"{field} is too long: {bytes} bytes, the kernel takes {max}");
        }
    }

    private static string Longest(ProcessRecord record) => record.Environment
        .Select(entry => ($"env.{entry.Key}", Encoding.UTF8.GetByteCount(entry.Value)))
        .Concat(record.Arguments.Select((argument, i) => ($"argument {i}", Encoding.UTF8.GetByteCount(argument))))
        .OrderByDescending(text => text.Item2)
        .Select(text => $"{text.Item1} with {text.Item2} bytes")
        .First();

    private static Credentials? Identity(ProcessRecord record)
    {
        if (record.User is not { Length: > 0 } user)
        {
            return null;
        }

        var identity = UserLookup.Find(user, Lines("/etc/passwd"), Lines("/etc/group"), out var problem) ?? throw Failure(record, $"user '{user}': {problem}");
        if (Credentials.CanSwitch)
        {
            return identity;
        }

        return identity.User == LibC.geteuid() && !user.Contains(':', StringComparison.Ordinal)
            ? null
            : throw Failure(record, $"user '{user}': only a worker that runs as root can start processes of another user");
    }

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];
}
