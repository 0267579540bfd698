namespace Dispatch.Engine.Frontend;

/// <summary>The one type that gRPC hosting sees as a service; its methods are bound from the descriptors.</summary>
internal sealed class RpcSurface;
