using System.Net;
using System.Net.Sockets;
using System.Text;
using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Host;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Tests.Podman;

/// <summary>What is decided from Podman's words and files alone.</summary>
public sealed class PodmanDecisionTests
{
    private const string Time = "2026-11-25T22:41:39.215250414+00:00";

    [Fact]
    public void The_dialect_is_told_by_the_engines_version()
    {
        Assert.Same(PodmanDialect.Instance, EngineDialect.Of(new VersionResponse { Components = [new ComponentVersion { Name = "Podman Engine" }, new ComponentVersion { Name = "Conmon" }] }));
        Assert.Same(EngineDialect.Docker, EngineDialect.Of(new VersionResponse { Components = [new ComponentVersion { Name = "Engine" }] }));
        Assert.Same(EngineDialect.Docker, EngineDialect.Of(new VersionResponse()));
    }

    [Theory]
    [InlineData(500, "container create: creating container storage: the container name \"abc\" is already in use by e55e. You have to remove that container to be able to reuse that name: that name is already in use", 409)]
    [InlineData(500, "can only kill running containers. a68b is in state created: container state improper", 409)]
    [InlineData(500, "no such container", 404)]
    [InlineData(500, "runc: runc create failed: unable to start container process", 500)]
    [InlineData(409, "preparing container 6cbe for attach: unable to find user nosuch: no matching entries in passwd file", 500)]
    [InlineData(409, "cannot remove container 6cbe as it is running - running or paused containers cannot be removed without force: container state improper", 409)]
    public void A_refusal_gets_the_status_that_Docker_gives_it(int status, string message, int dockers)
    {
        Assert.Equal((HttpStatusCode)dockers, PodmanDialect.Instance.Status((HttpStatusCode)status, message));
        Assert.Equal((HttpStatusCode)status, EngineDialect.Docker.Status((HttpStatusCode)status, message));
    }

    [Theory]
    [InlineData(409, """{"cause":"OCI runtime error","message":"preparing container 6cbe for attach: crun: cgroups in hybrid mode not supported, drop all controllers from cgroupv2: OCI runtime error","response":409}""", ErrorCode.RuntimeUnavailable, "hybrid")]
    [InlineData(500, """{"cause":"OCI runtime error","message":"crun: cgroups in hybrid mode not supported, drop all controllers from cgroupv2: OCI runtime error","response":500}""", ErrorCode.RuntimeUnavailable, "hybrid")]
    [InlineData(409, """{"cause":"no matching entries in passwd file","message":"preparing container 6cbe for attach: unable to find user nosuch: no matching entries in passwd file","response":409}""", ErrorCode.StartFailed, "User 'nosuch'")]
    [InlineData(409, """{"cause":"OCI runtime attempted to invoke a command that was not found","message":"preparing container 6cbe for attach: crun: executable file `/shim/no` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found","response":409}""", ErrorCode.StartFailed, "'/shim/no'")]
    public void What_hinders_a_start_is_told_the_same_whether_it_shows_when_attaching_or_when_starting(int status, string body, ErrorCode code, string named)
    {
        var answer = new DockerApiException((HttpStatusCode)status, body);
        var message = EngineConnection.MessageOf(answer);

        var error = StartErrors.From("container c", PodmanDialect.Instance.Status(answer.StatusCode, message), message, "nosuch");

        Assert.Equal(code, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read /proc/17521/cgroup: no such process", true)]
    [InlineData("open /proc/17521/cgroup: no such file or directory", true)]
    [InlineData("open /var/lib/containers/storage/db: no such file or directory", false)]
    [InlineData("database is locked", false)]
    public void A_look_that_met_the_end_of_a_process_is_repeated(string message, bool repeated)
    {
        Assert.Equal(repeated, PodmanDialect.Instance.EndedWhileLookedAt(message));
        Assert.False(EngineDialect.Docker.EndedWhileLookedAt(message));
    }

    [Theory]
    [InlineData(3, null, 3, false)]
    [InlineData(0, null, 0, false)]
    [InlineData(0, "container 4553 does not exist in database: no such container", null, true)]
    [InlineData(0, "database is locked", null, false)]
    [InlineData(-1, null, null, true)]
    public void A_wait_that_tells_no_code_is_no_success(int code, string? error, int? told, bool gone) => Assert.Equal(
        (told, gone),
        PodmanDialect.Instance.Ended(new ContainerWaitResponse { StatusCode = code, Error = error is null ? null : new WaitExitError { Message = error } }));

    [Fact]
    public void The_engines_id_is_its_host_and_folder_since_the_one_it_tells_is_new_each_time()
    {
        var first = new SystemInfoResponse { ID = "1", Name = "h", DockerRootDir = "/var/lib/containers/storage" };
        var second = new SystemInfoResponse { ID = "2", Name = "h", DockerRootDir = "/var/lib/containers/storage" };

        Assert.Equal(PodmanDialect.Instance.EngineId(first), PodmanDialect.Instance.EngineId(second));
        Assert.Equal("2", EngineDialect.Docker.EngineId(second));
    }

    [Theory]
    [InlineData("busybox", "busybox:latest localhost/busybox:latest")]
    [InlineData("team/tool:2", "team/tool:2 localhost/team/tool:2")]
    [InlineData("localhost/tool", "localhost/tool:latest")]
    [InlineData("127.0.0.1:5000/tool", "127.0.0.1:5000/tool:latest")]
    [InlineData("registry.example/tool", "registry.example/tool:latest")]
    public void An_image_made_on_the_host_is_found_under_its_short_name(string image, string names)
    {
        Assert.True(ImageReference.TryParse(image, out var reference));

        Assert.Equal(names.Split(' '), PodmanDialect.Instance.LocalNames(reference));
        Assert.Equal([reference.Name], EngineDialect.Docker.LocalNames(reference));
    }

    [Fact]
    public void The_init_process_that_does_not_name_the_command_gets_it_named()
    {
        var error = StartErrors.FromInit(1, 0, "ERROR (catatonit:6): failed to exec pid1: Permission denied\n", "/etc/hostname");

        Assert.Contains("'/etc/hostname'", error!.Message, StringComparison.Ordinal);
        Assert.Contains("Permission denied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_become_the_bytes_that_were_written_wherever_the_file_is_cut()
    {
        byte[] file =
        [
            .. Encoding.ASCII.GetBytes($"{Time} stdout F "), 0xFF, 0x00, 0x0A, .. Encoding.ASCII.GetBytes($"{Time} stderr P x\n{Time} stdout F \n{Time} stdout P no newline  \n"),
        ];
        for (var cut = 0; cut <= file.Length; cut++)
        {
            var parser = new PodmanLogParser();
            var (stdout, stderr) = (new List<byte>(), new List<byte>());
            foreach (var part in new[] { file[..cut], file[cut..] })
            {
                foreach (var (stream, bytes) in parser.Take(part))
                    (stream == OutputStream.Stdout ? stdout : stderr).AddRange(bytes.Span);
            }

            Assert.Equal([0xFF, 0x00, 0x0A, 0x0A, .. "no newline  "u8], stdout);
            Assert.Equal("x"u8.ToArray(), stderr);
        }
    }

    [Theory]
    [InlineData("{\"log\":\"x\"}\n")]
    [InlineData("2026 stdout Q x\n")]
    [InlineData("2026 stdin F x\n")]
    [InlineData("\n")]
    [InlineData("2026 stdout F\n")]
    public void What_are_no_records_is_refused(string text) =>
        Assert.Contains("k8s-file", Assert.Throws<InvalidDataException>(() => new PodmanLogParser().Take(Encoding.ASCII.GetBytes(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_record_without_an_end_is_given_up() =>
        Assert.Throws<InvalidDataException>(() => new PodmanLogParser().Take(new byte[PodmanLogParser.RecordBytesMax + 1]));

    [Theory]
    [InlineData("abc1", true)]
    [InlineData("abc2", false)]
    [InlineData("limit", false)]
    public void The_kernel_is_believed_of_the_victims_cgroup_only(string container, bool killed)
    {
        const string log = """
            <6>[1.0] tail invoked oom-killer: gfp_mask=0xcc0, task_memcg=/libpod-abc2
            <6>[1.1] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=libpod-abc2,oom_memcg=/limit,task_memcg=/libpod_parent/libpod-abc1,task=tail,pid=602,uid=0
            """;

        Assert.Equal(killed, KernelLog.KilledForMemory(Encoding.ASCII.GetBytes(log), Encoding.ASCII.GetBytes(container)));
    }

    [Fact]
    public void The_first_socket_that_somebody_listens_on_is_the_engine()
    {
        var folder = Directory.CreateTempSubdirectory("es").FullName;
        try
        {
            var (dead, alive) = (Path.Combine(folder, "d"), Path.Combine(folder, "a"));
            using (var left = Listen(dead))
            {
                Assert.Equal($"unix://{dead}", EngineEndpoint.Find(null, null, ["/no/such", dead]).Address.OriginalString);
            }

            using var listening = Listen(alive);
            Assert.Equal((new Uri($"unix://{alive}"), ""), EngineEndpoint.Find(null, "", ["/no/such", dead, alive]) is var found ? (found.Address, found.LookedAt) : default);
            Assert.Equal("unix:///by/env", EngineEndpoint.Find(null, "unix:///by/env", [alive]).Address.OriginalString);
            Assert.Equal("unix:///given", EngineEndpoint.Find(new Uri("unix:///given"), "unix:///by/env", [alive]).Address.OriginalString);
            var none = EngineEndpoint.Find(null, null, [dead, "/no/such"]);
            Assert.Equal($"unix://{dead}", none.Address.OriginalString);
            Assert.Contains("/no/such", none.LookedAt, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Podmans_own_sockets_are_looked_at_after_Dockers()
    {
        Assert.Equal(["/var/run/docker.sock", "/run/podman/podman.sock", "/run/user/7/podman/podman.sock"], EngineEndpoint.Sockets("/run/user/7", podmanOnly: false));
        Assert.Equal(["/run/podman/podman.sock"], EngineEndpoint.Sockets(null, podmanOnly: true));
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }
}
