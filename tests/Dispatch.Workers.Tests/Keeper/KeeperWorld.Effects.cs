using Dispatch.Contracts.Errors;
using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

/// <content>What comes of the keeper's actions.</content>
internal sealed partial class KeeperWorld
{
    private void Do(AttemptAction action)
    {
        var of = process;
        void Answer(double most, Func<AttemptInput> input) => After(most, () => Feed(of, input()));

        switch (action)
        {
            case AttemptAction.WritePermission write:
                permission = write.EndsAt;
                break;
            case AttemptAction.Save:
                notes = AttemptNotes.Of(state!);
                break;
            case AttemptAction.Pull:
                Answer(plan.PullSeconds, () => new AttemptInput.Pulled("d"));
                break;
            case AttemptAction.Create:
                After(1, () =>
                {
                    container ??= ContainerPhase.Created;
                    Feed(of, new AttemptInput.Created("c1"));
                });
                break;
            case AttemptAction.AskGuard:
                Answer(0.2, () => new AttemptInput.GuardAnswered(random.Next(5) > 0));
                break;
            case AttemptAction.Start:
                Start(of);
                break;
            case AttemptAction.Look:
                Answer(0.5, () => new AttemptInput.Found(container is { } there ? Container(there) : null));
                break;
            case AttemptAction.Attach:
                Answer(0.5, () => new AttemptInput.Started(Epoch + startedAt, startedAt, 1));
                break;
            case AttemptAction.Wait:
                Wait(of);
                break;
            case AttemptAction.Stop or AttemptAction.Kill:
                After(1, () =>
                {
                    Kill(action is AttemptAction.Kill ? 9 : 15);
                    Feed(of, new AttemptInput.Halted(action is AttemptAction.Kill, Done: true));
                });
                break;
            case AttemptAction.Collect:
                Answer(0.5, () => new AttemptInput.Collected(null, null));
                break;
            case AttemptAction.StoreReport store:
                Store(of, store.Report);
                break;
            case AttemptAction.SendReport send:
                Send(of, send.Report);
                break;
            case AttemptAction.Remove:
                Remove(of);
                break;
            case AttemptAction.Return give:
                Return(of, give.Report);
                break;
            case AttemptAction.Heartbeat:
                Heartbeat(of);
                break;
            case AttemptAction.Forget:
                forgotten = true;
                break;
            default:
                break;
        }
    }

    /// <summary>The start lands in the runtime whether or not the process that asked for it lives to see it.</summary>
    private void Start(int of) => After(plan.StartSeconds, () =>
    {
        if (container is null)
        {
            Feed(of, new AttemptInput.RuntimeFailed(AttemptPhase.Starting, ErrorCode.WorkerLost, "removed before its start", Gone: true));
        }

        if (container != ContainerPhase.Created)
        {
            return;
        }

        Starts++;
        container = ContainerPhase.Running;
        startedAt = Now;
        At(Now + plan.Workload, () => EndWorkload());
        After(0.5, () => Feed(of, new AttemptInput.Started(Epoch + startedAt, startedAt, 1)));
    });

    private void EndWorkload()
    {
        if (container == ContainerPhase.Running)
        {
            workloadEnded = true;
            container = ContainerPhase.Exited;
            exit = new(7, null, false, Epoch + startedAt, Epoch + Now);
        }
    }

    private void Kill(int signal)
    {
        if (container == ContainerPhase.Running)
        {
            container = ContainerPhase.Exited;
            exit = new(128 + signal, signal, false, Epoch + startedAt, Epoch + Now);
        }
        else if (container == ContainerPhase.Created)
        {
            container = null;
        }
    }

    private void Wait(int of)
    {
        if (container == ContainerPhase.Exited)
        {
            After(0.3, () => Feed(of, new AttemptInput.Ended(exit!)));
        }
        else if (of == process)
        {
            At(Now + Seconds(0.2), () => Wait(of));
        }
    }

    private void Store(int of, AttemptReport report) => After(0.3, () =>
    {
        if (of == process)
        {
            Check(stored is null || stored == report, "another report was stored");
            stored = report;
            Feed(of, new AttemptInput.ReportStored(true));
        }
    });

    private void Send(int of, AttemptReport report)
    {
        Check(stored == report, "sent before it was stored");
        After(0.5, () =>
        {
            if (TemporalReachable && activityOpen && !superseded)
            {
                activityOpen = false;
                Delivered = report;
                Feed(of, new AttemptInput.ReportAnswered(random.Next(4) == 0 ? TemporalAnswer.NotAccepted : TemporalAnswer.Accepted));
            }
            else
            {
                Feed(of, new AttemptInput.ReportAnswered(TemporalReachable ? TemporalAnswer.RunOpen : TemporalAnswer.NotAccepted));
            }
        });
    }

    private void Remove(int of) => After(1, () =>
    {
        Kill(9);
        container = null;
        Feed(of, new AttemptInput.Removed(true));
    });

    private void Return(int of, AttemptReport report)
    {
        Check(container is null, "returned before the container was gone");
        Check(stored == report, "returned before the report was stored");
        After(0.5, () =>
        {
            if (RegistryReachable)
            {
                Returned = report;
            }

            Feed(of, new AttemptInput.Returned(RegistryReachable));
        });
    }

    private void Heartbeat(int of)
    {
        var sentAt = Now;
        After(0.3, () =>
        {
            var accepted = TemporalReachable && activityOpen;
            if (accepted)
            {
                temporalHeard = Now;
            }

            After(0.3, () => Feed(of, new AttemptInput.HeartbeatAnswered(
                sentAt, accepted ? TemporalAnswer.Accepted : TemporalReachable ? TemporalAnswer.RunOpen : TemporalAnswer.NotAccepted)));
        });
    }
}
