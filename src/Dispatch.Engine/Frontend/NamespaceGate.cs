using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Dispatch.Engine.Frontend;

/// <summary>Looks up the namespace that a request names, before its handler sees it.</summary>
internal sealed class NamespaceGate
{
    /// <summary>These make, change or look for namespaces and judge the name themselves.</summary>
    private static readonly HashSet<string> Exempt =
    [
        "RegisterNamespace", "DescribeNamespace", "UpdateNamespace", "DeprecateNamespace", "DeleteNamespace",
    ];

    private readonly FieldDescriptor? name;
    private readonly FieldDescriptor? token;
    private readonly NamespaceRegistry namespaces;

    private NamespaceGate(FieldDescriptor? name, FieldDescriptor? token, NamespaceRegistry namespaces)
    {
        this.name = name;
        this.token = token;
        this.namespaces = namespaces;
    }

    public static NamespaceGate For(string path, MessageDescriptor request, NamespaceRegistry namespaces)
    {
        var field = request.FindFieldByName("namespace");
        var judged = field is { FieldType: FieldType.String } && !Exempt.Contains(path[(path.LastIndexOf('/') + 1)..]);
        return new NamespaceGate(judged ? field : null, request.FindFieldByName("task_token"), namespaces);
    }

    /// <summary>The namespace, or null when the request has none to name (or leaves it to its task token).</summary>
    /// <exception cref="EngineException">The name is empty or unknown.</exception>
    public NamespaceRecord? Admit(IMessage request)
    {
        if (name is null)
        {
            return null;
        }

        var given = (string)name.Accessor.GetValue(request);
        if (given.Length > 0)
        {
            return namespaces.Require(given);
        }

        var hasToken = token is not null && ((ByteString)token.Accessor.GetValue(request)).Length > 0;
        return hasToken ? null : throw EngineException.InvalidArgument("Namespace is empty.");
    }
}
