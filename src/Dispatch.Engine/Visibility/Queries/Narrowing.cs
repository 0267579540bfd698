using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility.Queries;

/// <summary>What can be told of all rows that a condition admits, so that others need not be looked at.</summary>
/// <param name="WorkflowId">All have this workflow id; null when that can't be told.</param>
/// <param name="Status">All have this status; null when that can't be told.</param>
internal sealed record Narrowing(string? WorkflowId, WorkflowExecutionStatus? Status)
{
    public static readonly Narrowing None = new(null, null);

    /// <summary>Looks at the conditions that are joined by AND at the top. The condition compiles.</summary>
    public static Narrowing Of(Expression? where) => where switch
    {
        Expression.And(var left, var right) => Of(left).With(Of(right)),
        Expression.Compare { Field: "WorkflowId", By: Comparison.Equal, Value.Value: string id } => new Narrowing(id, null),
        Expression.Compare { Field: "ExecutionStatus", By: Comparison.Equal } compare => new Narrowing(null, Operand.Status(compare.Value)),
        _ => None,
    };

    private Narrowing With(Narrowing other) => new(WorkflowId ?? other.WorkflowId, Status ?? other.Status);
}
