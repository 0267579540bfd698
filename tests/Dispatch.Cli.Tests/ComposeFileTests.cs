using System.CommandLine;
using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dispatch.Cli.Verbs;
using Dispatch.Workflows.Hosting;

namespace Dispatch.Cli.Tests;

/// <summary>What the compose file says, against what the program takes.</summary>
public sealed partial class ComposeFileTests
{
    private static readonly ComposeFile File = ComposeFile.Read();

    public static TheoryData<string> OurServices => [.. File.Ours.Select(service => service.Name)];

    [Fact]
    public void It_runs_every_role() => Assert.Equal(["migrate", "server", "worker", "workflows"], File.Ours.Select(service => service.Command[0]).Order());

    [Theory]
    [MemberData(nameof(OurServices))]
    public void The_program_takes_the_command_line(string name)
    {
        var parsed = Parse(File.Services[name].Command);
        Assert.Empty(parsed.Errors);
        Assert.Equal(File.Services[name].Command[0], parsed.CommandResult.Command.Name);
    }

    [Theory]
    [MemberData(nameof(OurServices))]
    public void The_program_reads_the_environment_and_its_verb_has_the_option_that_it_stands_for(string name)
    {
        var service = File.Services[name];
        var verb = Parse(service.Command).CommandResult.Command;
        foreach (var variable in service.Environment.Keys)
        {
            Assert.Contains(variable, EnvironmentNames.All);
            Assert.Contains(verb.Options, option => option.Description!.Contains(variable, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(OurServices))]
    public void What_a_role_cannot_do_without_is_given(string name)
    {
        var service = File.Services[name];
        (string Option, string Variable)[] needed = service.Command[0] switch
        {
            "worker" => [("--server", EnvironmentNames.Server), ("--address", EnvironmentNames.TemporalAddress), ("--worker-token-file", EnvironmentNames.WorkerToken)],
            "server" => [("--database", EnvironmentNames.Database), ("--address", EnvironmentNames.TemporalAddress), ("--worker-token-file", EnvironmentNames.WorkerToken)],
            "workflows" => [("--database", EnvironmentNames.Database), ("--address", EnvironmentNames.TemporalAddress)],
            _ => [("--database", EnvironmentNames.Database)],
        };
        Assert.All(needed, one => Assert.True(service.Command.Contains(one.Option) || service.Environment.ContainsKey(one.Variable), $"{name} has neither {one.Option} nor {one.Variable}"));
        Assert.True(service.Command[0] != "worker" || !service.Environment.ContainsKey(EnvironmentNames.Database), "a worker must not see the database");
    }

    [Theory]
    [MemberData(nameof(OurServices))]
    public void A_published_port_is_one_that_the_role_listens_on_beyond_its_own_loopback(string name)
    {
        var service = File.Services[name];
        foreach (var port in service.Ports)
        {
            var parsed = Parse(service.Command);
            Assert.Equal("127.0.0.1", port[0]);
            Assert.Equal(port[2], parsed.GetValue<int>("--http-port").ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(IPAddress.Any, parsed.GetValue<IPAddress>("--listen"));
        }
    }

    [Fact]
    public void Addresses_within_name_a_service_and_the_port_it_listens_on()
    {
        foreach (var service in File.Ours)
        {
            var parsed = Parse(service.Command);
            if (service.Command.Contains("--address"))
                Assert.Equal($"temporal:{RoleOptions.TemporalPort}", parsed.GetValue<string>("--address"));
            if (service.Command.Contains("--server"))
                Assert.Equal($"http://server:{Parse(File.Services["server"].Command).GetValue<int>("--http-port")}", parsed.GetValue<string>("--server"));
            if (service.Environment.TryGetValue(EnvironmentNames.Database, out var database))
                Assert.EndsWith("@postgres:5432/" + File.Services["postgres"].Environment["POSTGRES_DB"], database, StringComparison.Ordinal);
        }

        Assert.Equal($"{RoleOptions.TemporalPort}", File.Services["temporal"].Ports.Single()[2]);
    }

    [Fact]
    public void Temporal_is_started_with_the_search_attributes_of_jobs()
    {
        var given = File.Services["temporal"].Command.Select(word => Attribute().Match(word)).Where(match => match.Success).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Equal(SearchAttributeCheck.All.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"), given.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"));
    }

    [Fact]
    public void The_worker_keeps_its_folder_at_a_path_that_the_hosts_daemon_finds_it_at()
    {
        var worker = File.Services["worker"];
        var data = Parse(worker.Command).GetValue<string?>("--data")!;
        Assert.Contains(worker.Volumes, volume => volume[0] == data && volume[1] == data);
        Assert.Contains(worker.Volumes, volume => volume[0] == "/var/run/docker.sock" && volume[1] == volume[0]);
    }

    [Fact]
    public void A_worker_made_anew_is_known_for_the_same_host()
    {
        var worker = File.Services["worker"];
        Assert.Equal(Parse(worker.Command).GetValue<string?>("--id"), worker.HostName);
    }

    [Fact]
    public void No_registry_is_asked_for_the_image_that_is_made_here() => Assert.All(File.Ours, service => Assert.Equal("never", service.PullPolicy));

    [Fact]
    public void What_else_a_role_keeps_is_in_a_volume_with_a_name()
    {
        var server = File.Services["server"];
        Assert.Contains(server.Volumes, volume => volume[0] == "server" && volume[1] == Parse(server.Command).GetValue<string?>("--data"));
        Assert.DoesNotContain("VOLUME", System.IO.File.ReadAllText(Path.Combine(ComposeFile.Root, "infra", "images", "Dockerfile")), StringComparison.Ordinal);
    }

    [Fact]
    public void PostgreSQL_is_asked_by_TCP_for_the_server_that_only_makes_the_database_has_none()
    {
        var test = File.Services["postgres"].HealthTest;
        Assert.Equal(["CMD", "pg_isready", "-h", "127.0.0.1"], test.Take(4));
        Assert.Equal(File.Services["postgres"].Environment["POSTGRES_DB"], test[^1]);
    }

    [Fact]
    public void The_commands_in_its_head_need_nothing_but_the_token_that_the_first_writes()
    {
        var head = System.IO.File.ReadLines(Path.Combine(ComposeFile.Root, "docker-compose.yml")).TakeWhile(line => line.StartsWith('#')).Where(line => line.StartsWith("#   ", StringComparison.Ordinal)).ToArray();
        Assert.StartsWith($"#   echo \"{EnvironmentNames.WorkerToken}=", head[0], StringComparison.Ordinal);
        Assert.Contains("> .env", head[0], StringComparison.Ordinal);
        Assert.All(head[1..], line => Assert.StartsWith("#   docker compose up ", line, StringComparison.Ordinal));
        Assert.All((string[])[".gitignore", ".dockerignore"], file => Assert.Contains(System.IO.File.ReadLines(Path.Combine(ComposeFile.Root, file)), line => line.TrimStart('/') == ".env"));
    }

    [Fact]
    public void The_image_starts_with_a_line_that_the_program_takes()
    {
        var image = System.IO.File.ReadAllText(Path.Combine(ComposeFile.Root, "infra", "images", "Dockerfile"));
        var line = JsonSerializer.Deserialize<string[]>(Command().Match(image).Groups[1].Value)!;
        Assert.Empty(Parse(line).Errors);
        Assert.All(File.Services.Values.Where(service => service.Image == "dispatch"), service => Assert.Contains($"`{service.Command[0]}`", image, StringComparison.Ordinal));
    }

    [Fact]
    public void The_names_of_variables_are_all_in_one_place()
    {
        var constants = typeof(EnvironmentNames).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(constants.Order(), EnvironmentNames.All.Order());
        foreach (var source in Directory.EnumerateFiles(Path.Combine(ComposeFile.Root, "src", "Dispatch.Cli"), "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal)))
            Assert.True(Path.GetFileName(source) == "EnvironmentNames.cs" || !System.IO.File.ReadAllText(source).Contains("GetEnvironmentVariable", StringComparison.Ordinal), $"{source} reads the environment by itself");
    }

    private static ParseResult Parse(IReadOnlyList<string> line) => CliProgram.Build(null).Parse(line);

    [GeneratedRegex("^--search-attribute=(\\w+)=(\\w+)$")]
    private static partial Regex Attribute();

    [GeneratedRegex("^CMD (\\[.*\\])$", RegexOptions.Multiline)]
    private static partial Regex Command();
}
