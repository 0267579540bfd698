using System.Reflection;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Dispatch.Engine.Frontend;

/// <summary>Tells gRPC hosting the methods of the table, with marshallers for the messages' own types.</summary>
internal sealed class DescriptorBinder : IServiceMethodProvider<RpcSurface>
{
    private static readonly MethodInfo BindOneMethod =
        typeof(DescriptorBinder).GetMethod(nameof(BindOne), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private readonly MethodTable methods;
    private readonly EngineServices services;
    private readonly ILogger logger;

    public DescriptorBinder(MethodTable methods, EngineServices services, ILoggerFactory loggerFactory)
    {
        this.methods = methods;
        this.services = services;
        logger = loggerFactory.CreateLogger<RpcSurface>();
    }

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<RpcSurface> context)
    {
        foreach (var method in methods.Served)
        {
            BindOneMethod.MakeGenericMethod(method.Request, method.Response).Invoke(this, [context, method]);
        }
    }

    private void BindOne<TRequest, TResponse>(ServiceMethodProviderContext<RpcSurface> context, ServedMethod served)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var call = new UnaryCall<TRequest, TResponse>(
            served.Path, served.Method.CreateDelegate<Func<TRequest, CallContext, Task<TResponse>>>(served.Handler), services, logger);
        var method = new Method<TRequest, TResponse>(
            MethodType.Unary, served.Service, served.Name, MessageMarshaller<TRequest>.Instance, MessageMarshaller<TResponse>.Instance);
        context.AddUnaryMethod(method, [], (_, request, serverContext) => call.AnswerAsync(request, serverContext));
    }
}
