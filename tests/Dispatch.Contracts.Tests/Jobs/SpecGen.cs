using CsCheck;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Contracts.Tests.Jobs;

/// <summary>Makes valid specs of every shape.</summary>
internal static class SpecGen
{
    private static readonly Gen<string> Word = Gen.String[Gen.Char["abcXYZ019"], 1, 8];
    private static readonly Gen<string> Free = Gen.String[Gen.OneOf(Gen.Char[' ', '~'], Gen.Char["żłć日本\u2028\u007f\"\\/\n\t\u0001\u001f"]), 0, 20];
    private static readonly Gen<string> Shown = Gen.String[Gen.OneOf(Gen.Char['!', '~'], Gen.Char["żłć日本"]), 1, 20];
    private static readonly Gen<string> Path = Word.Select(word => "/" + word);
    private static readonly Gen<long> Size = Gen.OneOf(Gen.Long[1, SpecLimits.SizeBytes], Gen.Long[1, 4096].Select(mebi => mebi << 20));
    private static readonly Gen<TimeSpan> Duration = Gen.Long[1, 86_400_000].Select(ms => TimeSpan.FromMilliseconds(ms));
    private static readonly Gen<decimal> Factor = Gen.Int[100, 10_000].Select(hundredths => hundredths / 100m);

    private static readonly Gen<LabelConstraint> Constraint = Gen.OneOf(
        Gen.Select(Word, Free.Where(NoControl), Gen.Bool, (label, value, equal) => new LabelConstraint(label, equal ? LabelOperator.Equal : LabelOperator.NotEqual, [value])),
        Gen.Select(Word, Free.Where(NoControl).Array[1, 5], Gen.Bool, (label, values, isIn) => new LabelConstraint(label, isIn ? LabelOperator.In : LabelOperator.NotIn, values)),
        Word.Select(label => new LabelConstraint(label, LabelOperator.Exists, [])),
        Gen.Select(Word, Gen.Int, Gen.Bool, (label, number, above) => new LabelConstraint(label, above ? LabelOperator.Greater : LabelOperator.Less, [number.ToString(System.Globalization.CultureInfo.InvariantCulture)])));

    private static readonly Gen<Resources> Resources = Gen.Select(
        Gen.Int[1, 1_024_000], Size, Gen.Int[0, 8], Size.Nullable(), Gen.Int[1, 100_000], Gen.Dictionary(Word, Gen.Int[1, 1_000_000].Select(n => n / 1_000m))[0, 3],
        (cpu, memory, gpu, disk, pids, units) => new Resources { Cpu = cpu / 1_000m, MemoryBytes = memory, Gpu = gpu, DiskBytes = disk, Pids = pids, Units = units });

    private static readonly Gen<Timeouts> Timeouts = Gen.Select(
        Duration, Duration.Nullable(), Duration, Duration, Duration.Nullable(), Gen.Long[0, 3_600_000],
        (queue, receipt, init, run, total, grace) =>
            new Timeouts { Queue = queue, Receipt = receipt, Init = init, Run = run, Total = total, StopGrace = TimeSpan.FromMilliseconds(grace) });

    private static readonly Gen<Backoff> Backoff = Gen.Select(
        Duration, Duration, Factor, (a, b, factor) => new Backoff { Initial = a < b ? a : b, Max = a < b ? b : a, Factor = factor });

    private static readonly Gen<IReadOnlyDictionary<RetryCause, RetryBudget>> Retry =
        Gen.Dictionary(Gen.Enum<RetryCause>(), Gen.Select(Gen.Int[0, 49], Backoff, Factor, (max, backoff, factor) => new RetryBudget { Max = max, Backoff = backoff, MemoryFactor = factor }))[0, 4]
            .Select(budgets => (IReadOnlyDictionary<RetryCause, RetryBudget>)budgets.ToDictionary(
                entry => entry.Key, entry => entry.Key == RetryCause.OutOfMemory ? entry.Value : entry.Value with { MemoryFactor = 1 }));

    private static readonly Gen<ExitRule> Exit = Gen.Select(
        Gen.Int[0, 255].HashSet[1, 4], Gen.Bool, (codes, data) => new ExitRule { Success = [.. codes], NonZeroIsData = data });

    private static readonly Gen<JobSpec> Common = Gen.Select(
        Gen.Select(Gen.Dictionary(Word, Free)[0, 4], Free.Null(), Path.Null(), Resources, Timeouts, Retry),
        Gen.Select(Constraint.List[0, 3], Gen.Select(Constraint, Gen.Int[-100, 100]).List[0, 3], Gen.Int[0, 100], Exit, Gen.Dictionary(Word, Free.Where(NoControl))[0, 4], Shown.Null()),
        (first, second) => new JobSpec
        {
            Env = first.Item1,
            Stdin = first.Item2,
            WorkingDir = first.Item3,
            Resources = first.Item4,
            Timeouts = first.Item5,
            Retry = first.Item6,
            Constraints = second.Item1,
            Preferences = [.. second.Item2.Select(pair => new LabelPreference(pair.Item1, pair.Item2))],
            Priority = second.Item3,
            Exit = second.Item4,
            Labels = second.Item5,
            Name = second.Item6,
            Owner = second.Item6,
        });

    private static readonly Gen<string[]> Argv = Gen.Select(Word, Free.Array[0, 4], (program, rest) => (string[])[program, .. rest]);

    public static Gen<JobSpec> Spec { get; } = Gen.OneOf(
        Gen.Select(Common, Argv, (spec, argv) => spec with { Process = argv }),
        Gen.Select(Common, Argv, Path.HashSet[0, 4], Gen.Enum<PullPolicy>(), Size, Gen.Bool, (spec, argv, paths, pull, size, flag) => spec with
        {
            Image = "registry:5000/team/tool:1",
            Command = argv,
            Args = argv,
            PullPolicy = pull,
            Network = flag ? "none" : null,
            ReadOnlyRoot = flag,
            Capabilities = flag ? ["NET_ADMIN"] : [],
            User = flag ? "1000:app" : null,
            Pool = flag ? "big" : "default",
            Worker = flag ? null : "w-1",
            Mounts = [.. paths.Take(2).Select(path => new Mount("/host" + path, path, flag))],
            Tmpfs = paths.Skip(2).ToDictionary(path => path, _ => size),
        }));

    private static bool NoControl(string text) => !text.Any(HiddenCharacters.Moves);
}
