using System.Reflection;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Dispatch.Conformance;

/// <summary>Methods and messages by the names that recordings use.</summary>
internal static class Protocol
{
    private static readonly TypeRegistry Registry = TypeRegistry.FromFiles(
        typeof(Temporalio.Api.WorkflowService.V1.ServiceReflection).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal)
                && type.Namespace?.StartsWith("Temporalio.Api", StringComparison.Ordinal) == true)
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
            .OfType<FileDescriptor>());

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithTypeRegistry(Registry));
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(Registry));

    private static readonly string[] HealthStates = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    private static readonly Dictionary<string, ServiceDescriptor> Services = new()
    {
        [""] = Temporalio.Api.WorkflowService.V1.ServiceReflection.Descriptor.Services[0],
        ["operator"] = Temporalio.Api.OperatorService.V1.ServiceReflection.Descriptor.Services[0],
        ["test"] = Temporalio.Api.TestService.V1.ServiceReflection.Descriptor.Services[0],
    };

    /// <summary>Finds a method: <c>Name</c> of the workflow service, <c>operator.Name</c>, <c>health.Check</c>, <c>/a.literal/Path</c>.</summary>
    public static ProtocolMethod Resolve(string name)
    {
        if (name.StartsWith('/'))
        {
            return new ProtocolMethod(name, Empty.Descriptor, Empty.Descriptor);
        }

        if (name == "health.Check")
        {
            // The health messages have one field each, of the shape of these two.
            return new ProtocolMethod("/grpc.health.v1.Health/Check", StringValue.Descriptor, Int32Value.Descriptor);
        }

        var dot = name.LastIndexOf('.');
        var service = Services[dot < 0 ? "" : name[..dot]];
        var method = service.FindMethodByName(name[(dot + 1)..]) ?? throw new InvalidDataException($"{name} is no method of the protocol that this runner was built with");
        return new ProtocolMethod($"/{service.FullName}/{method.Name}", method.InputType, method.OutputType);
    }

    public static byte[] ToBytes(JsonNode? json, MessageDescriptor type) => type == StringValue.Descriptor
        ? new StringValue { Value = (string?)json?["service"] ?? "" }.ToByteArray()
        : Parser.Parse(json?.ToJsonString() ?? "{}", type).ToByteArray();

    public static JsonNode ToJson(byte[] bytes, MessageDescriptor type) => type == Int32Value.Descriptor
        ? new JsonObject { ["status"] = HealthStates[Int32Value.Parser.ParseFrom(bytes).Value] }
        : JsonNode.Parse(Formatter.Format(type.Parser.ParseFrom(bytes)))!;

    /// <summary>A typed detail of a status as JSON with its <c>@type</c>.</summary>
    public static JsonNode ToJson(Any detail) => JsonNode.Parse(Formatter.Format(detail))!;
}
