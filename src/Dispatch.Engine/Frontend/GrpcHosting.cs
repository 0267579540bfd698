using System.IO.Compression;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Dispatch.Engine.Frontend;

/// <summary>Kestrel and gRPC as the engine needs them: cleartext HTTP/2 on one address, many long polls on few connections.</summary>
internal static class GrpcHosting
{
    /// <summary>Largest request, also after decompression.</summary>
    public const int RequestBytesMax = 4 * 1024 * 1024;

    /// <summary>Most connections at a time; each may belong to a worker or client process.</summary>
    private const int ConnectionsMax = 10_000;

    /// <summary>Most calls at a time on one connection: a worker holds tens of polls open, and a client thousands of waits.</summary>
    private const int StreamsPerConnectionMax = 10_000;

    /// <summary>An infinite one overflows in Kestrel and closes every connection that is idle for a moment.</summary>
    private static readonly TimeSpan IdleConnectionMax = TimeSpan.FromDays(1);

    private const int StreamWindowBytes = 1024 * 1024;
    private const int ConnectionWindowBytes = 16 * 1024 * 1024;

    /// <summary>How long open calls may take to end at a stop before their connections are cut.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    public static WebApplication Build(EngineServices services, IReadOnlyList<object> handlers)
    {
        var options = services.Options;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Address, options.Port, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = null; // gRPC bounds the message, and says so in its own status
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.KeepAliveTimeout = IdleConnectionMax;
            kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnectionMax;
            kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
            kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        });
        builder.Services.Replace(ServiceDescriptor.Singleton(options.LoggerFactory));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = RequestBytesMax;
            grpc.MaxSendMessageSize = null;
            grpc.ResponseCompressionAlgorithm = "gzip";
            grpc.ResponseCompressionLevel = CompressionLevel.Fastest;
            grpc.IgnoreUnknownServices = true;
        });
        var methods = MethodTable.Create(handlers);
        builder.Services.AddSingleton(services);
        builder.Services.AddSingleton(methods);
        builder.Services.AddSingleton<RpcSurface>();
        builder.Services.AddSingleton<IServiceMethodProvider<RpcSurface>, DescriptorBinder>();
        var app = builder.Build();
        app.UseMiddleware<TransportRules>();
        app.UseRouting();
        app.MapGrpcService<RpcSurface>();
        return app;
    }
}
