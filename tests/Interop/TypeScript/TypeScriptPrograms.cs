using System.Reflection;
using System.Text.Json;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Interop.Tests.TypeScript;

/// <summary>A <c>dispatch dev</c> and the TypeScript programs beside it, compiled: a client and a worker on the official SDK.</summary>
public sealed class TypeScriptPrograms : IAsyncLifetime
{
    private static readonly string Folder =
        typeof(TypeScriptPrograms).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "TypeScript").Value!;

    public DevStack Stack { get; private set; } = null!;

    /// <summary>Compiles with all checks on, then starts the stack.</summary>
    public async Task InitializeAsync()
    {
        var compiler = Path.Combine(Folder, "node_modules", "typescript", "bin", "tsc");
        Assert.True(File.Exists(compiler), $"THE TYPESCRIPT SDK IS NOT INSTALLED: {compiler} is missing. Run tests/install-node.");
        (await RunningProcess.StartProgram("node", [compiler, "-p", Folder]).EndAsync(Deadlines.Job)).Ok();
        Stack = await DevStack.StartAsync(["--runtimes", "process", "--slots", "16", "--cpu", "16", "--memory", "16Gi"]);
    }

    public async Task DisposeAsync()
    {
        if (Stack is not null)
            await Stack.DisposeAsync();
    }

    /// <summary>What the client prints of one verb.</summary>
    public async Task<JsonElement> ClientAsync(string verb, string id, object? argument = null)
    {
        string[] call = [Path.Combine(Folder, "build", "client.js"), Stack.Temporal, verb, id, .. argument is null ? [] : new[] { JsonSerializer.Serialize(argument) }];
        var ended = await RunningProcess.StartProgram("node", call).EndAsync(Deadlines.Job);
        ended.Ok();
        return ended.Json;
    }

    /// <summary>Starts a worker for the workflows written in TypeScript and waits until it is ready.</summary>
    public async Task<RunningProcess> WorkerAsync()
    {
        var worker = RunningProcess.StartProgram("node", [Path.Combine(Folder, "build", "worker.js"), Stack.Temporal]);
        await worker.UntilOutAsync("ready");
        return worker;
    }
}
