using System.Net.Sockets;
using Dispatch.Cli.Roles;
using Dispatch.Contracts.Errors;
using Microsoft.Extensions.Logging;
using Temporalio.Exceptions;

namespace Dispatch.Cli.Tests.Roles;

/// <summary>What stands in a role's log when the world fails it, and when the program does.</summary>
public sealed class PlainLogsTests
{
    private const string Own = "Dispatch.X";
    private const string Grpc = "Grpc.AspNetCore.Server.ServerCallHandler";
    private const string Activity = "Temporalio.Activity:RunContainer";

    [Fact]
    public void What_the_world_does_is_told_in_a_sentence()
    {
        Assert.Equal("It failed: The server is away.", Line(Own, new DispatchException(ErrorCode.RegistryUnavailable, "The server is away.")));
        Assert.Equal(
            "It failed: Connection refused (h:1)",
            Line(Own, new HttpRequestException("Connection refused (h:1)", new SocketException((int)SocketError.ConnectionRefused))));
        Assert.Equal("It failed: Not sent: The other side went away.", Line(Own, new HttpRequestException("Not sent.", new IOException("The other side went away."))));
        Assert.Equal("It failed: The disk is full.", Line(Activity, new ApplicationFailureException("The disk is full.", nameof(ErrorCode.RuntimeUnavailable))));
    }

    [Fact]
    public void What_is_no_fault_or_is_told_elsewhere_is_not_told()
    {
        Assert.Null(Line(Grpc, new IOException("The client reset the request stream.")));
        Assert.Null(Line(Grpc, new OperationCanceledException("The caller went away.")));
        Assert.Null(Line(Activity, new ApplicationFailureException("The server is away.", nameof(ErrorCode.RegistryUnavailable))));
        Assert.NotNull(Line(Own, new IOException("The client reset the request stream.")));
    }

    [Theory]
    [InlineData(Own)]
    [InlineData(Grpc)]
    [InlineData(Activity)]
    public void A_fault_of_the_program_is_told_whole(string category) =>
        Assert.Equal("It failed. [InvalidOperationException]", Line(category, new InvalidOperationException("Nobody does that.")));

    [Theory]
    [InlineData(LogLevel.Information, false)]
    [InlineData(LogLevel.Debug, true)]
    public void Whoever_asks_for_more_sees_frames(LogLevel level, bool framed)
    {
        var before = Console.Error;
        using var screen = new StringWriter();
        Console.SetError(screen);
        try
        {
            using var logs = LoggerFactory.Create(logging => RoleLogging.Configure(logging, level));
            logs.CreateLogger(Own).Log(LogLevel.Error, 6, "It failed", Thrown(), static (text, _) => text);
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.Contains("fail: Dispatch.X[6] It failed", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("Broken off.", screen.ToString(), StringComparison.Ordinal);
        Assert.Equal(framed, screen.ToString().Contains(nameof(Thrown), StringComparison.Ordinal));
    }

    private static IOException Thrown()
    {
        try
        {
            throw new IOException("Broken off.");
        }
        catch (IOException error)
        {
            return error;
        }
    }

    /// <summary>What comes out of one line of a log, with the type of the exception that it shows; null where nothing does.</summary>
    private static string? Line(string category, Exception error)
    {
        var kept = new Kept();
        using var logs = new PlainLogs(kept);
        logs.CreateLogger(category).Log(LogLevel.Error, 6, "It failed.", error, static (text, _) => text);
        return kept.Last;
    }

    private sealed class Kept : ILoggerProvider, ILogger
    {
        public string? Last { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Last = formatter(state, exception) + (exception is null ? "" : $" [{exception.GetType().Name}]");

        public void Dispose()
        {
        }
    }
}
