using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine;

/// <summary>What an embedded engine is started with. Read once, when it starts.</summary>
public sealed record EngineOptions
{
    /// <summary>The address to listen on. Default: loopback, so that nobody else on the network can reach it.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port, 0 to 65535; 0 takes a free one. Default: 7233.</summary>
    public int Port { get; init; } = 7233;

    /// <summary>The clock of histories, timers and deadlines. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Custom search attributes that the namespace <c>default</c> has from the start, by name. Default: none.</summary>
    public IReadOnlyDictionary<string, IndexedValueType> SearchAttributes { get; init; } =
        new Dictionary<string, IndexedValueType>();

    /// <summary>How long the namespace <c>default</c> keeps closed workflows, at least one hour. Default: one day.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Where the engine logs to. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Most rows that lists and counts know; past it the rows closed longest ago are forgotten. Default: 250,000.</summary>
    public int VisibilityRowsMax { get; init; } = 250_000;

    /// <summary>Most closed runs whose histories are kept, at least 1; past it those closed longest ago are forgotten. Default: 50,000.</summary>
    public int ClosedRunsMax { get; init; } = 50_000;
}
