using YamlDotNet.RepresentationModel;

namespace Dispatch.Cli.Tests;

/// <summary>The compose file at the top of the checkout.</summary>
internal sealed class ComposeFile
{
    private ComposeFile(IReadOnlyDictionary<string, ComposeService> services) => Services = services;

    /// <summary>The folder that has it.</summary>
    public static string Root { get; } = Find();

    /// <summary>Its services by name.</summary>
    public IReadOnlyDictionary<string, ComposeService> Services { get; }

    /// <summary>Those that run our image.</summary>
    public IEnumerable<ComposeService> Ours => Services.Values.Where(service => service.Image == "dispatch");

    public static ComposeFile Read()
    {
        using var reader = File.OpenText(Path.Combine(Root, "docker-compose.yml"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return new(Map(((YamlMappingNode)yaml.Documents[0].RootNode)["services"]).ToDictionary(pair => pair.Key, pair => Service(pair.Key, pair.Value)));
    }

    private static ComposeService Service(string name, YamlNode node)
    {
        var fields = Map(node);
        return new(
            name,
            Text(fields["image"]),
            fields.TryGetValue("pull_policy", out var pull) ? Text(pull) : null,
            fields.TryGetValue("hostname", out var host) ? Text(host) : null,
            List(fields.GetValueOrDefault("command")),
            Map(fields.GetValueOrDefault("environment")).ToDictionary(pair => pair.Key, pair => Text(pair.Value)),
            [.. List(fields.GetValueOrDefault("ports")).Select(port => port.Split(':'))],
            [.. List(fields.GetValueOrDefault("volumes")).Select(volume => volume.Split(':'))],
            List(Map(fields.GetValueOrDefault("healthcheck")).GetValueOrDefault("test")));
    }

    private static Dictionary<string, YamlNode> Map(YamlNode? node) => node is YamlMappingNode map ? map.ToDictionary(pair => Text(pair.Key), pair => pair.Value) : [];

    private static string[] List(YamlNode? node) => node is YamlSequenceNode list ? [.. list.Select(Text)] : [];

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "docker-compose.yml")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("docker-compose.yml is in no folder above the tests.");
        return folder;
    }
}

/// <summary>One service.</summary>
/// <param name="Name">Its name, which is its host in the network.</param>
/// <param name="Image">The image.</param>
/// <param name="PullPolicy">When a registry is asked for the image; null is where it is not there.</param>
/// <param name="HostName">The name that its host gets; null is one of the container's.</param>
/// <param name="Command">The words after the entry point.</param>
/// <param name="Environment">What is set for it.</param>
/// <param name="Ports">Published ports: address, port outside, port inside.</param>
/// <param name="Volumes">What is mounted: volume or path outside, path inside.</param>
/// <param name="HealthTest">The words that ask whether it is well.</param>
internal sealed record ComposeService(
    string Name,
    string Image,
    string? PullPolicy,
    string? HostName,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string[]> Ports,
    IReadOnlyList<string[]> Volumes,
    IReadOnlyList<string> HealthTest);
