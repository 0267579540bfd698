using System.Reflection;

namespace Dispatch.Engine.Frontend;

/// <summary>A method of a service with the handler that answers it.</summary>
internal sealed record ServedMethod(
    string Service, string Name, Type Request, Type Response, object Handler, MethodInfo Method)
{
    public string Path => $"/{Service}/{Name}";
}
