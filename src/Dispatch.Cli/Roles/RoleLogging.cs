using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Dispatch.Cli.Roles;

/// <summary>How roles log: one line each, on standard error, so that standard output stays a role's own.</summary>
internal static class RoleLogging
{
    /// <summary>Sets it up.</summary>
    public static void Configure(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft.AspNetCore", level < LogLevel.Warning ? LogLevel.Warning : level);
        // What an endpoint throws is an answer; our own handler logs the faults among it.
        logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        // A host that cannot start throws as well, and the verb says that in one sentence.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
        logging.AddFilter("Microsoft.Hosting", level < LogLevel.Warning ? LogLevel.Warning : level);
        logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss.fff ";
            options.UseUtcTimestamp = true;
            options.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
        });
        if (level >= LogLevel.Information)
        {
            // Whoever asks for more sees every exception whole.
            logging.Services.Remove(logging.Services.Single(service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
            logging.Services.AddSingleton<ConsoleLoggerProvider>();
            logging.Services.AddSingleton<ILoggerProvider>(services => new PlainLogs(services.GetRequiredService<ConsoleLoggerProvider>()));
        }

        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
