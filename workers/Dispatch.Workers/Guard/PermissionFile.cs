using System.Buffers.Binary;
using System.Text;
using Dispatch.Runtimes.Host;

namespace Dispatch.Workers.Guard;

/// <summary>The file in an attempt's folder by which the keeper tells the guard until when the attempt may run.</summary>
/// <remarks>
/// Fixed size. The end of the permission is 8 bytes at a fixed place and is renewed in place, which a reader sees whole; everything else is written
/// by putting a new file in the old one's place. The guard looks in <c>attempts/*/permission</c> of the data directory, and beside the processes that it started.
/// Nothing is fsynced: a permission does not outlive the boot.
/// </remarks>
public static class PermissionFile
{
    /// <summary>The file's name in the attempt's folder.</summary>
    public const string Name = "permission";

    /// <summary>The folder in the data directory that has one folder an attempt.</summary>
    public const string AttemptsFolder = "attempts";

    private const int FileBytes = 4096, EndsOffset = 8, SumOffset = 4, BodyOffset = 16;
    private const uint Magic = 0x31504644;

    /// <summary>Writes a permission whole.</summary>
    /// <param name="attemptDirectory">The attempt's folder.</param>
    /// <param name="permission">What to write.</param>
    public static void Write(string attemptDirectory, Permission permission)
    {
        ArgumentNullException.ThrowIfNull(permission);
        var bytes = new byte[FileBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(EndsOffset), permission.EndsAtNanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(BodyOffset), permission.Process?.Pid ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(BodyOffset + 4), permission.Process?.StartTicks ?? 0);
        var offset = BodyOffset + 12;
        foreach (var text in new[] { permission.BootId, permission.Lease, permission.Runtime, permission.ContainerId, permission.Cgroup ?? "" })
        {
            var length = Encoding.UTF8.GetByteCount(text);
            if (offset + 2 + length > FileBytes)
            {
                throw new ArgumentException($"The permission of {permission.ContainerId} does not fit in {FileBytes} bytes.", nameof(permission));
            }

            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(offset), (ushort)length);
            Encoding.UTF8.GetBytes(text, bytes.AsSpan(offset + 2));
            offset += 2 + length;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(SumOffset), Sum(bytes.AsSpan(BodyOffset)));
        var draft = Path.Combine(attemptDirectory, Name + ".new");
        File.WriteAllBytes(draft, bytes);
        File.Move(draft, Path.Combine(attemptDirectory, Name), overwrite: true);
    }

    /// <summary>Moves the end of a written permission, in place.</summary>
    /// <param name="attemptDirectory">The attempt's folder.</param>
    /// <param name="endsAtNanoseconds">The new end, on the boot-time clock.</param>
    public static void Renew(string attemptDirectory, long endsAtNanoseconds)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, endsAtNanoseconds);
        using var file = File.OpenHandle(Path.Combine(attemptDirectory, Name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(file, bytes, EndsOffset);
    }

    /// <summary>Reads a permission.</summary>
    /// <param name="attemptDirectory">The attempt's folder.</param>
    /// <returns>The permission, or null where there is no file.</returns>
    /// <exception cref="InvalidDataException">There is a file, and it is no permission.</exception>
    public static Permission? Read(string attemptDirectory)
    {
        if (ProcFile.Read(Path.Combine(attemptDirectory, Name)) is not { } bytes)
        {
            return null;
        }

        if (bytes.Length != FileBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(SumOffset)) != Sum(bytes.AsSpan(BodyOffset)))
        {
            throw new InvalidDataException($"{Path.Combine(attemptDirectory, Name)} is no permission.");
        }

        var offset = BodyOffset + 12;
        var pid = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(BodyOffset));
        return new Permission
        {
            EndsAtNanoseconds = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(EndsOffset)),
            BootId = Text(),
            Lease = Text(),
            Runtime = Text(),
            ContainerId = Text(),
            Cgroup = Text() is { Length: > 0 } cgroup ? cgroup : null,
            Process = pid == 0 ? null : new ProcessIdentity(pid, BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(BodyOffset + 4))),
        };

        string Text()
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset));
            offset += 2 + length;
            return Encoding.UTF8.GetString(bytes.AsSpan(offset - length, length));
        }
    }

    /// <summary>Takes a permission away, once nothing of the attempt runs any more.</summary>
    /// <param name="attemptDirectory">The attempt's folder.</param>
    public static void Delete(string attemptDirectory) => File.Delete(Path.Combine(attemptDirectory, Name));

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 2166136261u;
        foreach (var value in bytes)
        {
            sum = (sum ^ value) * 16777619u;
        }

        return sum;
    }
}
