using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Simulation.Time;
using Dispatch.Workers.Keeper;

namespace Dispatch.Simulation.Workers;

/// <summary>A worker's numbered statements, one at a time, renewals first, and what has ended beside them: by hand what the worker's own calls do.</summary>
internal sealed class RegistryDesk(WorkerProcess worker, Link link)
{
    private readonly LinkedList<Action<Action>> line = [];
    private bool busy;
    private long call;

    public long Incarnation { get; set; }

    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(2);

    public void Forget()
    {
        line.Clear();
        busy = false;
        call = 0;
        Incarnation = 0;
    }

    public void Renew(Func<IReadOnlyList<LeaseStatement>> has, WorkerState state, Action<RenewalAnswer?, TimeSpan> answered) => Enter(
        first: true,
        number => new WorkerRenewal { Worker = worker.Id, Incarnation = Incarnation, Call = number, Has = has(), State = state },
        (registry, renewal) => registry.RenewAsync(renewal, default),
        (came, answer, sentAt) => answered(came ? answer : null, sentAt));

    public void Confirm(LeaseId lease, Action<ConfirmAnswer?, TimeSpan> answered) => Enter(
        first: false,
        number => new LeaseConfirmation { Worker = worker.Id, Incarnation = Incarnation, Call = number, Lease = lease },
        (registry, confirmation) => registry.ConfirmAsync(confirmation, default),
        (came, answer, sentAt) => answered(came ? answer : null, sentAt));

    public void Return(LeaseId lease, AttemptReport? report, Action<bool> answered)
    {
        var given = new LeaseReturn { Worker = worker.Id, Incarnation = Incarnation, Call = LeaseReturn.Unnumbered, Lease = lease, Outcome = report?.Result, Failure = report?.Failure };
        if (given.HasEnded) Send(() => given, Statement, static () => { }, Answered);
        else Enter(first: false, number => given with { Incarnation = Incarnation, Call = number }, Statement, Answered);

        static async Task<bool> Statement(IRegistry registry, LeaseReturn leaseReturn)
        {
            await registry.ReturnAsync(leaseReturn, default);
            return true;
        }

        void Answered(bool came, bool answer, TimeSpan sentAt) => answered(came);
    }

    private void Enter<TMessage, TAnswer>(bool first, Func<long, TMessage> message, Func<IRegistry, TMessage, Task<TAnswer>> statement, Action<bool, TAnswer?, TimeSpan> answered)
        where TMessage : class
    {
        void AtDesk(Action done) => Send(() => message(++call), statement, done, answered);

        if (first) line.AddFirst(AtDesk);
        else line.AddLast(AtDesk);
        Next();
    }

    private void Send<TMessage, TAnswer>(Func<TMessage> message, Func<IRegistry, TMessage, Task<TAnswer>> statement, Action done, Action<bool, TAnswer?, TimeSpan> answered)
        where TMessage : class
    {
        if (Incarnation == 0)
        {
            done();
            answered(false, default, default);
            return;
        }

        var sentAt = worker.Machine.Boot;
        var sent = message();
        link.Ask(
            worker,
            () => worker.World.Registry.Up,
            () => worker.World.Oracle.Watch(sent, () => worker.World.Registry.Now(registry => statement(registry, sent))),
            (came, answer) =>
            {
                done();
                answered(came, answer, sentAt);
            },
            Limit);
    }

    private void Next()
    {
        if (busy || line.First is not { } first) return;
        busy = true;
        line.RemoveFirst();
        first.Value(() =>
        {
            busy = false;
            worker.After(TimeSpan.Zero, Next);
        });
    }
}
