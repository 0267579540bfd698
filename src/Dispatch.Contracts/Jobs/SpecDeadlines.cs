namespace Dispatch.Contracts.Jobs;

/// <summary>Reads time-outs and retry budgets.</summary>
internal static class SpecDeadlines
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    private static readonly string[] TimeoutFields = ["queue", "receipt", "init", "run", "total", "stopGrace"];
    private static readonly string[] BudgetFields = ["max", "backoff", "memoryFactor"];
    private static readonly string[] BackoffFields = ["initial", "factor", "max"];

    public static Timeouts Timeouts(SpecField? field)
    {
        var defaults = new Timeouts();
        if (field is not { } found || SpecObject.Open(found, TimeoutFields) is not { } fields)
            return defaults;
        return new()
        {
            Queue = fields.Field("queue")?.Duration(Least, SpecLimits.Deadline) ?? defaults.Queue,
            Receipt = fields.Field("receipt")?.Duration(Least, SpecLimits.Deadline),
            Init = fields.Field("init")?.Duration(Least, SpecLimits.Deadline) ?? defaults.Init,
            Run = fields.Field("run")?.Duration(Least, SpecLimits.Deadline) ?? defaults.Run,
            Total = fields.Field("total")?.Duration(Least, SpecLimits.Deadline),
            StopGrace = fields.Field("stopGrace")?.Duration(TimeSpan.Zero, SpecLimits.StopGrace) ?? defaults.StopGrace,
        };
    }

    public static IReadOnlyDictionary<RetryCause, RetryBudget>? Retry(SpecField? field)
    {
        if (field is not { } found || SpecObject.Open(found, RetryCauseText.Names) is not { } causes)
            return null;
        var budgets = new Dictionary<RetryCause, RetryBudget>();
        foreach (var name in causes.Names)
        {
            if (RetryCauseText.TryParse(name, out var cause))
                budgets[cause] = ReadBudget(causes.Field(name)!.Value, cause);
        }

        return budgets;
    }

    private static RetryBudget ReadBudget(SpecField field, RetryCause cause)
    {
        var defaults = RetryBudget.DefaultOf(cause);
        if (SpecObject.Open(field, BudgetFields) is not { } fields)
            return defaults;
        var memoryFactor = fields.Field("memoryFactor");
        if (memoryFactor is { } factor && cause != RetryCause.OutOfMemory)
            factor.Wrong<string>("belongs to outOfMemory only; drop it here.");
        return new()
        {
            Max = fields.Field("max")?.Whole(0, SpecLimits.RetryMax) ?? defaults.Max,
            Backoff = ReadBackoff(fields.Field("backoff"), defaults.Backoff),
            MemoryFactor = cause == RetryCause.OutOfMemory ? memoryFactor?.Number(1, SpecLimits.Factor) ?? defaults.MemoryFactor : defaults.MemoryFactor,
        };
    }

    private static Backoff ReadBackoff(SpecField? field, Backoff defaults)
    {
        if (field is not { } found || SpecObject.Open(found, BackoffFields) is not { } fields)
            return defaults;
        var initial = fields.Field("initial")?.Duration(TimeSpan.Zero, SpecLimits.Backoff) ?? defaults.Initial;
        var most = fields.Field("max")?.Duration(TimeSpan.Zero, SpecLimits.Backoff);
        if (most < initial)
            fields.Field("max")!.Value.Wrong<string>($"is shorter than initial, {DurationText.Format(initial)}; give at least that.");
        return new()
        {
            Initial = initial,
            Factor = fields.Field("factor")?.Number(1, SpecLimits.Factor) ?? defaults.Factor,
            Max = most ?? (initial > defaults.Max ? initial : defaults.Max),
        };
    }
}
