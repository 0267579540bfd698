namespace Dispatch.Contracts.Jobs;

/// <summary>Writes a spec in its one canonical form: fixed order of fields, maps sorted by name, defaults left out, sizes and durations in their shortest usual text.</summary>
public static class JobSpecWriter
{
    /// <summary>Writes a spec.</summary>
    /// <param name="spec">The spec.</param>
    /// <returns>UTF-8 that <see cref="JobSpecReader"/> reads as an equal spec.</returns>
    public static byte[] Write(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var defaults = new JobSpec();
        var json = new CanonicalJson().BeginObject();
        Text(json, "image", spec.Image);
        Texts(json, "command", spec.Command);
        Texts(json, "args", spec.Args);
        Texts(json, "process", spec.Process);
        Map(json, "env", spec.Env, value => json.Text(value));
        Text(json, "workingDir", spec.WorkingDir);
        Text(json, "user", spec.User);
        Text(json, "stdin", spec.Stdin);
        if (spec.PullPolicy != defaults.PullPolicy)
            json.Name("pullPolicy").Text(spec.PullPolicy switch { PullPolicy.Always => "always", PullPolicy.Newer => "newer", _ => "never" });
        WriteResources(json, spec.Resources);
        Text(json, "network", spec.Network);
        if (spec.ReadOnlyRoot)
            json.Name("readOnlyRoot").Truth(true);
        Texts(json, "capabilities", spec.Capabilities);
        Items(json, "mounts", spec.Mounts, mount => WriteMount(json, mount));
        Map(json, "tmpfs", spec.Tmpfs, bytes => json.Text(SizeText.Format(bytes)));
        if (spec.Pool != defaults.Pool)
            json.Name("pool").Text(spec.Pool);
        Text(json, "worker", spec.Worker);
        Items(json, "constraints", spec.Constraints, constraint => WriteConstraint(json, constraint, weight: null));
        Items(json, "preferences", spec.Preferences, preference => WriteConstraint(json, preference.Constraint, preference.Weight));
        if (spec.Priority != defaults.Priority)
            json.Name("priority").Whole(spec.Priority);
        WriteTimeouts(json, spec.Timeouts);
        WriteRetry(json, spec.Retry);
        WriteExit(json, spec.Exit);
        Map(json, "labels", spec.Labels, value => json.Text(value));
        Text(json, "name", spec.Name);
        Text(json, "owner", spec.Owner);
        return json.EndObject().ToArray();
    }

    private static void WriteResources(CanonicalJson json, Resources resources)
    {
        var defaults = new Resources();
        if (resources == defaults)
            return;
        json.Name("resources").BeginObject();
        if (resources.Cpu != defaults.Cpu)
            json.Name("cpu").Number(resources.Cpu);
        if (resources.MemoryBytes != defaults.MemoryBytes)
            json.Name("memory").Text(SizeText.Format(resources.MemoryBytes));
        if (resources.Gpu != defaults.Gpu)
            json.Name("gpu").Whole(resources.Gpu);
        if (resources.DiskBytes is { } disk)
            json.Name("disk").Text(SizeText.Format(disk));
        if (resources.Pids != defaults.Pids)
            json.Name("pids").Whole(resources.Pids);
        Map(json, "units", resources.Units, amount => json.Number(amount));
        json.EndObject();
    }

    private static void WriteMount(CanonicalJson json, Mount mount)
    {
        json.BeginObject().Name("source").Text(mount.Source).Name("target").Text(mount.Target);
        if (mount.ReadOnly)
            json.Name("readOnly").Truth(true);
        json.EndObject();
    }

    private static void WriteConstraint(CanonicalJson json, LabelConstraint constraint, int? weight)
    {
        json.BeginObject().Name("label").Text(constraint.Label).Name("op").Text(LabelConstraintText.SymbolOf(constraint.Op));
        Texts(json, "values", constraint.Values);
        if (weight is { } number)
            json.Name("weight").Whole(number);
        json.EndObject();
    }

    private static void WriteTimeouts(CanonicalJson json, Timeouts timeouts)
    {
        var defaults = new Timeouts();
        if (timeouts == defaults)
            return;
        json.Name("timeouts").BeginObject();
        Duration(json, "queue", timeouts.Queue, defaults.Queue);
        Duration(json, "receipt", timeouts.Receipt, null);
        Duration(json, "init", timeouts.Init, defaults.Init);
        Duration(json, "run", timeouts.Run, defaults.Run);
        Duration(json, "total", timeouts.Total, null);
        Duration(json, "stopGrace", timeouts.StopGrace, defaults.StopGrace);
        json.EndObject();
    }

    private static void WriteRetry(CanonicalJson json, IReadOnlyDictionary<RetryCause, RetryBudget> retry)
    {
        var told = retry.Where(entry => entry.Value != RetryBudget.DefaultOf(entry.Key)).OrderBy(entry => entry.Key).ToList();
        if (told.Count == 0)
            return;
        json.Name("retry").BeginObject();
        foreach (var (cause, budget) in told)
        {
            var defaults = RetryBudget.DefaultOf(cause);
            json.Name(RetryCauseText.NameOf(cause)).BeginObject();
            if (budget.Max != defaults.Max)
                json.Name("max").Whole(budget.Max);
            WriteBackoff(json, budget.Backoff, defaults.Backoff);
            if (budget.MemoryFactor != defaults.MemoryFactor)
                json.Name("memoryFactor").Number(budget.MemoryFactor);
            json.EndObject();
        }

        json.EndObject();
    }

    private static void WriteBackoff(CanonicalJson json, Backoff backoff, Backoff defaults)
    {
        if (backoff == defaults)
            return;
        json.Name("backoff").BeginObject();
        Duration(json, "initial", backoff.Initial, defaults.Initial);
        if (backoff.Factor != defaults.Factor)
            json.Name("factor").Number(backoff.Factor);
        Duration(json, "max", backoff.Max, backoff.Initial > defaults.Max ? backoff.Initial : defaults.Max);
        json.EndObject();
    }

    private static void WriteExit(CanonicalJson json, ExitRule exit)
    {
        var successIsDefault = exit.Success.SequenceEqual(new ExitRule().Success);
        if (successIsDefault && !exit.NonZeroIsData)
            return;
        json.Name("exit").BeginObject();
        if (!successIsDefault)
            Items(json, "success", exit.Success, code => json.Whole(code));
        if (exit.NonZeroIsData)
            json.Name("nonZero").Text("data");
        json.EndObject();
    }

    private static void Text(CanonicalJson json, string name, string? value)
    {
        if (value is not null)
            json.Name(name).Text(value);
    }

    private static void Texts(CanonicalJson json, string name, IReadOnlyList<string> values) => Items(json, name, values, value => json.Text(value));

    private static void Duration(CanonicalJson json, string name, TimeSpan? value, TimeSpan? absent)
    {
        if (value is { } duration && duration != absent)
            json.Name(name).Text(DurationText.Format(duration));
    }

    private static void Items<T>(CanonicalJson json, string name, IReadOnlyList<T> items, Action<T> write)
    {
        if (items.Count == 0)
            return;
        json.Name(name).BeginList();
        foreach (var item in items)
            write(item);
        json.EndList();
    }

    private static void Map<T>(CanonicalJson json, string name, IReadOnlyDictionary<string, T> map, Action<T> write)
    {
        if (map.Count == 0)
            return;
        json.Name(name).BeginObject();
        foreach (var (key, value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.Name(key);
            write(value);
        }

        json.EndObject();
    }
}
