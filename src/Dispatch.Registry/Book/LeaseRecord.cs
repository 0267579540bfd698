using Dispatch.Contracts.Ids;
using Dispatch.Routing;

namespace Dispatch.Registry.Book;

/// <summary>What is remembered of every lease that may still be named: whose it is and what it takes.</summary>
internal sealed record LeaseRecord(JobId Job, WorkerId Worker, Amounts Needs);
