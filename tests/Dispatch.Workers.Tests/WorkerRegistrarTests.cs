using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes.Host;
using Dispatch.Workers.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Tests;

public sealed class WorkerRegistrarTests : IAsyncLifetime
{
    private WorkerBench bench = null!;

    public async Task InitializeAsync() => bench = await WorkerBench.StartAsync();

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Fact]
    public async Task A_worker_that_reaches_no_registry_tries_on_and_says_so_once_a_minute()
    {
        var registry = new NoRegistry();
        var options = new WorkerOptions
        {
            Id = new("w1"), DataDirectory = bench.Folder.FullPath, Registry = registry, Logs = bench.Logs, Runtimes = [bench.Runtime], Guard = bench.Guard,
        };
        var lines = new CountingLogger();
        var host = HostIdentity.Read();
        var registrar = new WorkerRegistrar(
            options, new WorkerHost(host.MachineId, host.BootId, bench.Folder.Id, new Dictionary<string, string>()), bench.Keeper, new WorkerStatus(), lines);

        using var ending = new CancellationTokenSource();
        var registering = registrar.RegisterAsync(ending.Token);
        await Until.True(() => registry.Asked >= 4, "it has tried four times");
        await ending.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => registering);
        Assert.Equal(1, lines.Count);
    }

    private sealed class NoRegistry : IWorkerRegistry
    {
        internal int Asked { get; private set; }

        public Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken)
        {
            Asked++;
            throw new DispatchException(ErrorCode.RegistryUnavailable, "The server speaks another protocol.");
        }

        public Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class CountingLogger : ILogger
    {
        internal int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Count++;
    }
}
