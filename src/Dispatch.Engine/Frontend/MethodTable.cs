using System.Reflection;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Dispatch.Engine.Frontend;

/// <summary>Which methods of which services exist, and which handler answers each.</summary>
internal sealed class MethodTable
{
    private static readonly ServiceDescriptor[] Described =
    [
        .. Temporalio.Api.WorkflowService.V1.ServiceReflection.Descriptor.Services,
        .. Temporalio.Api.OperatorService.V1.ServiceReflection.Descriptor.Services,
    ];

    private readonly HashSet<string> paths;
    private readonly HashSet<string> services;

    private MethodTable(IReadOnlyList<ServedMethod> served)
    {
        Served = served;
        paths = [.. served.Select(method => method.Path)];
        services = [.. served.Select(method => method.Service), .. Described.Select(service => service.FullName)];
    }

    public IReadOnlyList<ServedMethod> Served { get; }

    public bool IsServed(string path) => paths.Contains(path);

    public bool IsService(string name) => services.Contains(name);

    public static MethodTable Create(IReadOnlyList<object> handlers)
    {
        var found = Described
            .SelectMany(service => service.Methods)
            .Select(method => Find(handlers, method.Service.FullName, method.Name, method.InputType.ClrType, method.OutputType.ClrType))
            .OfType<ServedMethod>()
            .ToList();

        // The health service's two messages have one field each, of the shape of these two well-known wrappers.
        if (Find(handlers, "grpc.health.v1.Health", "Check", typeof(StringValue), typeof(Int32Value)) is { } health)
        {
            found.Add(health);
        }

        return new MethodTable(found);
    }

    private static ServedMethod? Find(
        IReadOnlyList<object> handlers, string service, string name, System.Type request, System.Type response)
    {
        var candidates =
            from handler in handlers
            let method = handler.GetType().GetMethod(
                name, BindingFlags.Public | BindingFlags.Instance, [request, typeof(CallContext)])
            where method is not null && method.ReturnType == typeof(Task<>).MakeGenericType(response)
            select new ServedMethod(service, name, request, response, handler, method);
        var found = candidates.ToList();
        return found.Count <= 1
            ? found.FirstOrDefault()
            : throw new InvalidOperationException($"{found.Count} handlers want to answer {service}/{name}.");
    }
}
