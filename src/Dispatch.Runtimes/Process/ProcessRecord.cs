using System.Text.Json;

namespace Dispatch.Runtimes.Process;

/// <summary>What the process runtime keeps on disk of a container that it made; the environment may be private, so only its owner reads it.</summary>
internal sealed record ProcessRecord
{
    public required string Name { get; init; }

    public required string AttemptDirectory { get; init; }

    public required Dictionary<string, string> Labels { get; init; }

    public required string[] Arguments { get; init; }

    public required Dictionary<string, string> Environment { get; init; }

    public string? WorkingDirectory { get; init; }

    public string? User { get; init; }

    public required long MemoryBytes { get; init; }

    public required int PidsMax { get; init; }

    public required double CpuCores { get; init; }

    internal string Folder => ProcessLayout.Folder(AttemptDirectory);

    internal static ProcessRecord Of(ContainerPlan plan) => new()
    {
        Name = plan.Name,
        AttemptDirectory = Path.GetFullPath(plan.AttemptDirectory),
        Labels = new Dictionary<string, string>(plan.Labels),
        Arguments = [.. plan.Command, .. plan.Arguments],
        Environment = new Dictionary<string, string>(plan.Environment),
        WorkingDirectory = plan.WorkingDirectory,
        User = plan.User,
        MemoryBytes = plan.MemoryBytes,
        PidsMax = plan.PidsMax,
        CpuCores = plan.CpuCores,
    };

    internal static string File(string dataDirectory, string name) => Path.Combine(ProcessLayout.ContainersFolder(dataDirectory), name + ".json");

    internal static ProcessRecord? Load(string file)
    {
        // Asked of each new container: an exception would cost more than all the rest.
        if (!System.IO.File.Exists(file))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<ProcessRecord>(System.IO.File.ReadAllBytes(file));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes the record; a reader sees all of it or nothing.</summary>
    internal void Save(string dataDirectory)
    {
        Directory.CreateDirectory(ProcessLayout.ContainersFolder(dataDirectory));
        var file = File(dataDirectory, Name);
        var draft = file + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(draft, options))
        {
            JsonSerializer.Serialize(stream, this);
        }

        System.IO.File.Move(draft, file, overwrite: true);
    }
}
