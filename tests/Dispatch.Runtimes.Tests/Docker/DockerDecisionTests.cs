using System.Net;
using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Docker;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>What is decided from the engine's words alone.</summary>
public sealed class DockerDecisionTests
{
    [Theory]
    [InlineData(404, "manifest for h/missing:1 not found: manifest unknown: manifest unknown", ErrorCode.ImageNotFound)]
    [InlineData(404, "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", ErrorCode.ImageNotFound)]
    [InlineData(500, "Head \"https://h/v2/x/manifests/1\": unauthorized: authentication required", ErrorCode.ImageNotFound)]
    [InlineData(404, "pull access denied for x509/timeout/tls, repository does not exist or may require 'docker login'", ErrorCode.ImageNotFound)]
    [InlineData(500, "Get \"https://h/v2/unauthorized/manifests/1\": dial tcp 1.1.1.1:443: i/o timeout", ErrorCode.PullFailed)]
    [InlineData(404, "failed to resolve reference \"h/x:1\": h/x:1: not found", ErrorCode.ImageNotFound)]
    [InlineData(400, "invalid reference format", ErrorCode.ImageInvalid)]
    [InlineData(500, "mediaType in manifest should be 'application/vnd…' not ''", ErrorCode.ImageInvalid)]
    [InlineData(200, "no matching manifest for linux/amd64 in the manifest list entries", ErrorCode.ImageNotCompatible)]
    [InlineData(404, "no match for platform in manifest: not found", ErrorCode.ImageNotCompatible)]
    [InlineData(500, "received unexpected HTTP status: 503 Service Unavailable", ErrorCode.PullFailed)]
    [InlineData(500, "Get \"https://h/v2/\": dial tcp: lookup h on 1.1.1.1:53: no such host", ErrorCode.PullFailed)]
    [InlineData(500, "Get \"https://h/v2/\": dial tcp 1.1.1.1:443: connect: connection refused", ErrorCode.PullFailed)]
    [InlineData(500, "Get \"https://h/v2/\": tls: failed to verify certificate: x509: certificate is not valid, authority not found", ErrorCode.PullFailed)]
    [InlineData(500, "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)", ErrorCode.PullFailed)]
    [InlineData(429, "toomanyrequests: You have reached your pull rate limit", ErrorCode.PullFailed)]
    [InlineData(200, "filesystem layer verification failed for digest sha256:12", ErrorCode.PullFailed)]
    [InlineData(200, "write /var/lib/docker/tmp/x: no space left on device", ErrorCode.PullFailed)]
    [InlineData(500, "mkdir /var/lib/docker/tmp/x: permission denied: unknown", ErrorCode.PullFailed)]
    public void A_pulls_error_is_told_by_what_its_reader_can_do(int status, string message, ErrorCode code)
    {
        Assert.Equal(code, PullErrors.Classify((HttpStatusCode)status, message));
        Assert.Contains(message, PullErrors.From("h/x:1", (HttpStatusCode)status, message, EngineDialect.Docker).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get \"http://h:5000/v2/x/manifests/1\": no basic auth credentials")]
    [InlineData("Head \"https://h:5000/v2/x/manifests/1\": unauthorized: incorrect username or password")]
    [InlineData("error parsing HTTP 401 response body: unexpected end of JSON input: \"\"")]
    [InlineData("error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"<html>\"")]
    [InlineData("denied")]
    [InlineData("Head \"http://h:5000/v2/x/manifests/1\": unauthorized")]
    [InlineData("initializing source docker://h:5000/x:1: unable to retrieve auth token: invalid username/password: unauthorized")]
    [InlineData("initializing source docker://h:5000/x:1: pinging container registry h:5000: invalid status code from registry 403 (Forbidden)")]
    [InlineData("denied: Your authorization token has expired. Reauthenticate and try again.")]
    [InlineData("failed to resolve reference \"h:5000/x:1\": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to http://h:5000/token: 401 Unauthorized")]
    [InlineData("failed to resolve reference \"h:5000/x:1\": unexpected status from HEAD request to http://h:5000/v2/x/manifests/1: 403 Forbidden")]
    [InlineData("pull access denied for h:5000/x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied")]
    [InlineData("initializing source docker://h:5000/x:1: reading manifest 1 in h:5000/x: unauthorized: authentication required")]
    [InlineData("initializing source docker://h:5000/x:1: pinging container registry h:5000: StatusCode: 403, \"\"")]
    [InlineData("initializing source docker://h:5000/x:1: requesting bearer token: invalid status code from registry 403 (Forbidden)")]
    [InlineData("initializing source docker://h:5000/x:1: unable to retrieve auth token: invalid username/password: unauthorized: no")]
    [InlineData("initializing source docker://h:5000/x:1: reading manifest 1 in h:5000/x: denied: requested access to the resource is denied")]
    public void A_registry_that_wants_a_login_is_not_asked_again_and_named_with_what_to_do(string message)
    {
        foreach (var (dialect, remedy) in new[] { (EngineDialect.Docker, "docker pull h:5000/x:1"), (PodmanDialect.Instance, "podman login h:5000") })
        {
            var error = PullErrors.From("h:5000/x:1", HttpStatusCode.InternalServerError, message, dialect);

            Assert.Equal((ErrorCode.ImageNotFound, false), (error.Code, error.IsTransient));
            Assert.StartsWith("Registry h:5000 does not let image 'h:5000/x:1' be read, or has no such image: ", error.Message, StringComparison.Ordinal);
            Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(400, "failed to create shim task: OCI runtime create failed: exec: \"/no/such\": stat /no/such: no such file or directory: unknown", ErrorCode.StartFailed, "'/no/such'")]
    [InlineData(500, "unable to find user nosuch: no matching entries in passwd file", ErrorCode.StartFailed, "user 'nosuch'")]
    [InlineData(500, "OCI runtime create failed: argument list too long", ErrorCode.StartFailed, "too long")]
    [InlineData(404, "network frontend not found", ErrorCode.StartFailed, "network")]
    [InlineData(404, "No such image: x:1", ErrorCode.ImageNotFound, "image")]
    [InlineData(404, "No such container: c", ErrorCode.WorkerLost, "is not there")]
    [InlineData(409, "container is marked for removal and cannot be started", ErrorCode.WorkerLost, "is not there")]
    [InlineData(400, "Minimum memory limit allowed is 6MB", ErrorCode.StartFailed, "6MB")]
    [InlineData(500, "mkdir /var/lib/docker/overlay2/x: no space left on device", ErrorCode.RuntimeUnavailable, "no space")]
    [InlineData(500, "failed to create shim task: context deadline exceeded", ErrorCode.RuntimeUnavailable, "shim")]
    [InlineData(500, "crun: cgroups in hybrid mode not supported, drop all controllers from cgroupv2: OCI runtime error", ErrorCode.RuntimeUnavailable, "hybrid")]
    [InlineData(500, "default OCI runtime \"runc\" not found: invalid argument", ErrorCode.RuntimeUnavailable, "runc")]
    [InlineData(500, "crun: executable file `/no/such` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found", ErrorCode.StartFailed, "'/no/such'")]
    public void A_failed_start_names_what_is_to_blame(int status, string message, ErrorCode code, string named)
    {
        var error = StartErrors.From("container c", (HttpStatusCode)status, message, "nosuch");

        Assert.Equal(code, error.Code);
        Assert.Contains(named, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(127, 0, "[FATAL tini (7)] exec /no/such failed: No such file or directory\n", true)]
    [InlineData(126, 0, "[FATAL tini (7)] exec a b failed: Permission denied\n", true)]
    [InlineData(1, 0, "[FATAL tini (7)] exec /x failed: Exec format error\n", true)]
    [InlineData(1, 0, "exec /sbin/docker-init: argument list too long\n", true)]
    [InlineData(2, 0, "[FATAL tini (7)] exec /x failed: Exec format error\n", false)]
    [InlineData(127, 1, "[FATAL tini (7)] exec /x failed: No such file or directory\n", false)]
    [InlineData(127, 0, "sh: x: not found\n", false)]
    [InlineData(127, 0, "hello\n[FATAL tini (7)] exec /x failed: No such file or directory\n", false)]
    [InlineData(127, 0, "[FATAL tini (7)] exec /x failed: No such file or directory\nmore\n", false)]
    public void The_init_process_failing_to_execute_is_told_from_a_workload_that_fails(int code, long stdoutBytes, string stderr, bool notStarted) =>
        Assert.Equal(notStarted, StartErrors.FromInit(code, stdoutBytes, stderr, "given") is not null);

    [Theory]
    [InlineData(143, false, new[] { 15 }, 15)]
    [InlineData(137, false, new[] { 15, 9 }, 9)]
    [InlineData(137, false, new int[0], null)]
    [InlineData(137, true, new int[0], 9)]
    [InlineData(143, false, new[] { 9 }, null)]
    [InlineData(0, false, new[] { 15 }, null)]
    [InlineData(1, true, new int[0], null)]
    public void A_signal_is_told_only_where_it_is_known(int code, bool outOfMemory, int[] sent, int? signal) =>
        Assert.Equal(signal, ExitFacts.Signal(code, outOfMemory, sent));

    [Fact]
    public void An_end_that_the_engine_puts_before_the_start_is_put_at_the_start()
    {
        var exit = ExitFacts.From(new State { ExitCode = 0, StartedAt = "2026-11-25T19:58:09.717352017Z", FinishedAt = "2026-11-25T19:58:09.712071547Z" }, []);

        Assert.Equal(exit.StartedAt, exit.FinishedAt);
    }

    [Fact]
    public void Progress_beyond_its_limit_is_broken_off_and_the_first_error_counts()
    {
        var broken = 0;
        var progress = new PullProgress(3, () => broken++);
        for (var message = 0; message < 3; message++)
            progress.Report(new JSONMessage { Status = "Downloading" });
        Assert.Null(progress.Error);
        progress.Report(new JSONMessage { Status = "Downloading" });

        Assert.Equal(1, broken);
        Assert.Contains("more than 3", progress.Error, StringComparison.Ordinal);
        progress = new PullProgress(9, () => broken++);
        progress.Report(new JSONMessage { Error = new JSONError { Message = "first" } });
        progress.Report(new JSONMessage { Error = new JSONError { Message = "second" } });
        Assert.Equal("first", progress.Error);
    }

    [Theory]
    [InlineData("unix:///run/x.sock", "unix:///run/x.sock")]
    [InlineData("tcp://127.0.0.1:2375", "http://127.0.0.1:2375/")]
    public void An_endpoint_is_understood(string given, string understood) =>
        Assert.Equal(understood, new DockerRuntimeOptions { Endpoint = new Uri(given) }.ResolveEndpoint().ToString());

    [Fact]
    public void An_endpoint_of_another_scheme_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => new DockerRuntimeOptions { Endpoint = new Uri("ssh://host") }.ResolveEndpoint());

        Assert.Contains("'ssh'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_whose_path_is_too_long_is_refused_by_its_length()
    {
        var error = Assert.Throws<ArgumentException>(() => new DockerRuntimeOptions { Endpoint = new Uri("unix:///" + new string('s', 91)) }.ResolveEndpoint());

        Assert.Contains("92 bytes", error.Message, StringComparison.Ordinal);
        Assert.NotNull(new DockerRuntimeOptions { Endpoint = new Uri("unix:///" + new string('s', 90)) }.ResolveEndpoint());
    }

    [Fact]
    public void An_engine_that_lacks_things_gets_containers_that_do_without()
    {
        var plan = new ContainerPlan { Name = "c", Labels = new Dictionary<string, string>(), Command = ["a"], AttemptDirectory = "/tmp" };
        var poor = ContainerRequest.From(plan, "sha256:1", new EngineFacts("id", "1", "linux/amd64", HasInit: false, HasBridge: false, HasExactLog: false), new DockerRuntimeOptions());
        var rich = ContainerRequest.From(plan, "sha256:1", new EngineFacts("id", "1", "linux/amd64", HasInit: true, HasBridge: true, HasExactLog: true), new DockerRuntimeOptions());

        Assert.Equal((false, "none", "json-file"), (poor.HostConfig!.Init!.Value, poor.HostConfig.NetworkMode, poor.HostConfig.LogConfig!.Type));
        Assert.Equal((true, "bridge", "local"), (rich.HostConfig!.Init!.Value, rich.HostConfig.NetworkMode, rich.HostConfig.LogConfig!.Type));
        Assert.False(rich.HostConfig.AutoRemove);
    }
}
