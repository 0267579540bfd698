namespace Dispatch.Engine.History;

/// <summary>Names a workflow id in its namespace. At most one run of a key is open.</summary>
internal readonly record struct WorkflowKey(string NamespaceId, string Namespace, string WorkflowId);
