using System.Net;
using System.Net.Sockets;
using Dispatch.Contracts.Http;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary>What <c>dispatch dev</c> says, takes and leaves.</summary>
public sealed class DevTests
{
    [Fact]
    public async Task Dev_says_where_it_listens_and_which_runtimes_it_found_and_is_ready_when_it_says_so()
    {
        await using var stack = await DevStack.StartAsync(["--docker", "unix:///no/such/docker.sock"]);

        Assert.Contains("dispatch dev is ready; Ctrl-C stops it", stack.Dev.Out, StringComparison.Ordinal);
        Assert.StartsWith("127.0.0.1:", stack.Temporal, StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", stack.Http.Host);
        Assert.Contains("plain processes", stack.Dev.Out, StringComparison.Ordinal);
        await stack.Dev.UntilOutAsync("without Docker or Podman: ");
        Assert.DoesNotContain('\u001b', stack.Dev.Out);

        var readiness = await stack.Jobs.GetAsync<ReadinessView>(ApiPaths.Ready);
        Assert.True(readiness.Ready, string.Join("; ", readiness.Missing));
        await stack.NothingLeftAsync();
    }

    [Fact]
    public async Task Dev_listens_on_loopback_only()
    {
        await using var stack = await DevStack.StartAsync(["--no-worker"]);

        int[] ports = [stack.Http.Port, IPEndPoint.Parse(stack.Temporal).Port];
        var listening = ListeningSockets().Where(socket => ports.Contains(socket.Port)).ToList();
        Assert.Equal(2, listening.Count);
        Assert.All(listening, socket => Assert.Equal(IPAddress.Loopback, socket.Address));
    }

    [Theory]
    [InlineData(RunningProcess.Sigint)]
    [InlineData(RunningProcess.Sigterm)]
    public async Task A_signal_ends_dev_in_order_together_with_the_jobs_that_run(int signal)
    {
        await using var stack = await DevStack.StartAsync(["--runtimes", "process"]);
        var job = await stack.Jobs.SubmitAsync("""{"process":["sh","-c","echo up; exec sleep 300"]}""");
        await stack.Jobs.UntilOutAsync(job, "up");

        stack.Dev.Signal(signal);

        var ended = await stack.Dev.EndAsync(Deadlines.Role);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.DoesNotContain("Unhandled", ended.Error, StringComparison.Ordinal);
        await Until.NothingAsync("processes", () => Task.FromResult(HostProcesses.Of(stack.Folder)), Deadlines.Gone);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(stack.Folder, "dev", "worker", "attempts")));
    }

    [Theory]
    [InlineData("--port", "--http-port")]
    [InlineData("--http-port", "--port")]
    public async Task A_port_in_use_is_one_sentence_that_names_the_option_and_exit_code_2(string taken, string free)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var ended = await StartAsync(taken, $"{port}", free, "0", "--runtimes", "process");

        ended.Refused(2, $"{port}", "in use", taken);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--port", "abc")]
    [InlineData("--port", "70000")]
    [InlineData("--http-port", "-1")]
    [InlineData("--listen", "nowhere")]
    [InlineData("--listen", "203.0.113.7")]
    [InlineData("--listen", "0.0.0.0")]
    [InlineData("--profile", "quick")]
    [InlineData("--router", "nearest")]
    [InlineData("--data", "/proc/1/no/such")]
    [InlineData("--cpu", "-1")]
    [InlineData("--cpu", "many")]
    [InlineData("--memory", "lots")]
    [InlineData("--unit", "lanes")]
    [InlineData("--label", "zone")]
    [InlineData("--slots", "0")]
    [InlineData("--runtimes", "podman")]
    [InlineData("--docker", "nowhere")]
    [InlineData("--on-stop", "explode")]
    [InlineData("--log-level", "loud")]
    [InlineData("--allow-mount", "relative/folder")]
    public async Task A_broken_option_is_named_with_its_value_and_exit_code_2(string option, string value)
    {
        string[] ports = [.. new[] { "--port", "--http-port" }.Where(port => port != option).SelectMany(port => (string[])[port, "0"])];
        var ended = await StartAsync([.. ports, option, value]);

        ended.Refused(2, value);
    }

    [Fact]
    public async Task A_runtime_that_is_asked_for_and_is_missing_is_one_sentence_and_exit_code_2()
    {
        var ended = await StartAsync("--port", "0", "--http-port", "0", "--runtimes", "docker", "--docker", "unix:///no/such/docker.sock");

        ended.Refused(2, "docker", "/no/such/docker.sock");
    }

    [Theory]
    [InlineData("dev", "--no-worker")]
    [InlineData("server", "--http-port=0")]
    [InlineData("worker", "--id=homeless")]
    public async Task A_home_that_is_not_there_is_named_with_the_remedy_and_nothing_is_made_where_one_stands(string role, string option)
    {
        var here = Directory.CreateTempSubdirectory("dispatch-it-").FullName;
        var ended = await RunningProcess.StartProgram("/bin/sh", ["-c", $"cd {here}; exec \"$@\"", "sh", RunningProcess.Dispatch, role, option], new Dictionary<string, string> { ["HOME"] = "/no/such/home", ["XDG_STATE_HOME"] = "" }).EndAsync();

        ended.Refused(2, "HOME", "/no/such/home", "--data");
        Assert.Empty(Directory.EnumerateFileSystemEntries(here));
        Directory.Delete(here);
    }

    private static async Task<Finished> StartAsync(params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("dispatch-it-").FullName;
        await using var process = RunningProcess.Start(["dev", .. options.Contains("--data") ? (string[])[] : ["--data", folder], .. options]);
        var ended = await process.EndAsync(Deadlines.Role);
        await Until.NothingAsync("processes", () => Task.FromResult(HostProcesses.Of(folder)), Deadlines.Gone);
        Directory.Delete(folder, recursive: true);
        return ended;
    }

    private static IEnumerable<IPEndPoint> ListeningSockets()
    {
        foreach (var (file, bytes) in new[] { ("/proc/net/tcp", 4), ("/proc/net/tcp6", 16) })
        {
            foreach (var line in File.ReadLines(file).Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[3] != "0A")
                    continue;
                var (address, port) = (fields[1].Split(':')[0], fields[1].Split(':')[1]);

                // Each word of four bytes is written in the machine's order.
                var words = Enumerable.Range(0, bytes / 4).SelectMany(word => Convert.FromHexString(address.AsSpan(word * 8, 8)).Reverse());
                yield return new(new IPAddress([.. words]), Convert.ToInt32(port, 16));
            }
        }
    }
}
