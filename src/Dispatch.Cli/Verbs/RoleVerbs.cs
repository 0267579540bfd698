using System.CommandLine;
using System.Globalization;
using System.Net;
using Dispatch.Cli.Roles;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Routing.Policies;
using Microsoft.Extensions.Logging;

namespace Dispatch.Cli.Verbs;

/// <summary>The verbs that run on: <c>dev</c>, and the roles <c>engine</c>, <c>worker</c>, <c>guard</c>.</summary>
internal static class RoleVerbs
{
    /// <summary>Temporal's usual port.</summary>
    private const int TemporalPort = 7233;

    /// <summary>Slots of the worker that <c>dev</c> starts.</summary>
    private const int DevSlots = 64;

    /// <summary>Makes them.</summary>
    public static IEnumerable<Command> Build() => [Dev(), Engine(), Worker(), Guard()];

    private static Command Dev()
    {
        var command = new Command("dev", "Run everything on this machine: embedded engine, workflow host, HTTP API and one worker; Ctrl-C stops it");
        var listen = Listen();
        var port = Port("--port", "Temporal's port", TemporalPort);
        var httpPort = Port("--http-port", "Port of the HTTP API", ApiPaths.DefaultPort);
        var data = Data("Where logs and the worker's state are kept", DefaultData("dev"));
        var noWorker = new Option<bool>("--no-worker") { Description = "Start no worker; `dispatch worker` adds some" };
        var profile = new Option<string>("--profile") { Description = "Times of the pool: fast, normal or patient", DefaultValueFactory = _ => TimeProfile.Normal.Name };
        profile.AcceptOnlyFromAmong(TimeProfile.Fast.Name, TimeProfile.Normal.Name, TimeProfile.Patient.Name);
        var router = new Option<string>("--router") { Description = "Routing policy of the pool", DefaultValueFactory = _ => "least-loaded" };
        router.AcceptOnlyFromAmong([.. RoutingPolicies.Names]);
        var mounts = new Option<string[]>("--allow-mount") { Description = "Folder of the host below which jobs may mount; none unless named" };
        mounts.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !Path.IsPathRooted(token.Value)))
                result.AddError($"--allow-mount is '{token.Value}': write the absolute path of a folder");
        });
        var capabilities = new Option<string[]>("--allow-capability") { Description = "Linux capability that jobs may add; none unless named" };
        var hostNetwork = new Option<bool>("--allow-host-network") { Description = "Let jobs use the host's network" };
        var token = WorkerToken();
        var worker = new WorkerOptionSet(DevSlots);
        var level = Level();
        foreach (var option in (Option[])[listen, port, httpPort, data, noWorker, profile, router, mounts, capabilities, hostNetwork, token, level, .. worker.Options])
            command.Options.Add(option);
        command.SetAction(parsed => DevRole.RunAsync(new DevOptions
        {
            Listen = parsed.GetValue(listen)!,
            Port = parsed.GetValue(port),
            HttpPort = parsed.GetValue(httpPort),
            Data = parsed.GetValue(data)!,
            Profile = TimeProfile.Named(parsed.GetValue(profile)!)!,
            Router = parsed.GetValue(router)!,
            Admission = new() { AllowProcess = true, Mounts = parsed.GetValue(mounts) ?? [], Capabilities = parsed.GetValue(capabilities) ?? [], AllowHostNetwork = parsed.GetValue(hostNetwork) },
            WorkerToken = parsed.GetValue(token),
            LogLevel = parsed.GetValue(level),
            Worker = parsed.GetValue(noWorker) ? null : worker.Read(parsed, "dev", Path.Combine(parsed.GetValue(data)!, "worker")),
        }));
        return command;
    }

    private static Command Engine()
    {
        var command = new Command("engine", "Run the embedded engine alone (in memory)");
        var listen = Listen();
        var port = Port("--port", "Temporal's port", TemporalPort);
        var level = Level();
        foreach (var option in (Option[])[listen, port, level])
            command.Options.Add(option);
        command.SetAction(parsed => EngineRole.RunAsync(parsed.GetValue(listen)!, parsed.GetValue(port), parsed.GetValue(level)));
        return command;
    }

    private static Command Worker()
    {
        var command = new Command("worker", "Run a worker: it takes jobs of its pool and runs them");
        var id = new Option<string>("--id") { Description = "The worker's stable id", Required = true };
        var data = Data("Where the worker keeps what it must not forget; one worker a directory", null);
        var server = CommonOptions.Server();
        var address = new Option<string>("--address") { Description = "Temporal's address", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("TEMPORAL_ADDRESS") ?? $"127.0.0.1:{TemporalPort}" };
        var ns = new Option<string>("--namespace") { Description = "Temporal's namespace", DefaultValueFactory = _ => "default" };
        var token = WorkerToken();
        var worker = new WorkerOptionSet(null);
        var level = Level();
        foreach (var option in (Option[])[id, data, server, address, ns, token, level, .. worker.Options])
            command.Options.Add(option);
        command.SetAction(parsed => WorkerRole.RunAsync(
            worker.Read(parsed, parsed.GetValue(id)!, parsed.GetValue(data) ?? DefaultData($"worker-{parsed.GetValue(id)}")),
            new WorkerConnections(parsed.GetValue(server)!, parsed.GetValue(address)!, parsed.GetValue(ns)!, parsed.GetValue(token)),
            parsed.GetValue(level)));
        return command;
    }

    private static Command Guard()
    {
        var command = new Command("guard", "Guard a worker's data directory; workers start it themselves") { Hidden = true };
        var data = new Option<string>("--data") { Description = "The worker's data directory", Required = true };
        var docker = WorkerOptionSet.DockerSocket();
        var level = Level();
        command.Options.Add(data);
        command.Options.Add(docker);
        command.Options.Add(level);
        command.SetAction(parsed => GuardRole.RunAsync(parsed.GetValue(data)!, parsed.GetValue(docker), parsed.GetValue(level)));
        return command;
    }

    private static Option<IPAddress> Listen() => new("--listen")
    {
        Description = "Address to listen on; loopback unless told otherwise",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result =>
        {
            var text = result.Tokens is [{ } token] ? token.Value : "";
            if (IPAddress.TryParse(text, out var address))
                return address;
            result.AddError($"--listen is '{text}': write an IP address of this machine, such as 127.0.0.1 or 0.0.0.0");
            return null;
        },
    };

    private static Option<int> Port(string name, string description, int value) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            var text = result.Tokens is [{ } token] ? token.Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
                return port;
            result.AddError($"{name} is '{text}': write a number from 0 (any free one) to {IPEndPoint.MaxPort}");
            return 0;
        },
    };

    private static Option<string?> Data(string description, string? value) => new("--data") { Description = description, DefaultValueFactory = _ => value };

    private static string DefaultData(string role)
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } set ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(state, "dispatch", role);
    }

    private static Option<string?> WorkerToken() => new("--worker-token")
    {
        Description = "Token that workers bear to the server (also DISPATCH_WORKER_TOKEN)",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("DISPATCH_WORKER_TOKEN"),
    };

    private static Option<LogLevel> Level() => new("--log-level") { Description = "Trace, Debug, Information, Warning or Error", DefaultValueFactory = _ => LogLevel.Warning };
}
