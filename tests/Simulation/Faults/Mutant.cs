using Dispatch.Registry;
using Dispatch.Simulation.Temporal;
using Dispatch.Workers.Keeper;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Faults;

/// <summary>Where a rule of the hand-over may be switched off: what goes into and comes out of the decisions. As it stands, none is.</summary>
internal class Mutant
{
    public virtual bool GuardWorks => true;

    /// <summary>Whether the guard looks at a process's permission again just before it starts it.</summary>
    public virtual bool GuardLooksAtTheStart => true;

    /// <summary>Whether nothing is started whose permission the disk did not take.</summary>
    public virtual bool GuardIsTold => true;

    /// <summary>Whether a worker that is started anew takes up what it has, and registers, before its runtimes have answered.</summary>
    public virtual bool RegistersFirst => true;

    /// <summary>Whether a renewal names a lease that is being confirmed.</summary>
    public virtual bool NamesWhatIsTaken => true;

    /// <summary>Whether a renewal names an attempt of which nobody knows whether it was started.</summary>
    public virtual bool NamesWhatIsInDoubt => true;

    /// <summary>Whether whoever kills a container removes one that was made and not started.</summary>
    public virtual bool RemovesWhatIsUnstarted => true;

    /// <summary>Whether the job's workflow follows a revision.</summary>
    public virtual bool Follows(string revision) => true;

    /// <summary>Whether an extension is answered when the attempt has heard of it.</summary>
    public virtual bool AnswersWhatIsHeard => true;

    /// <summary>The registry as everybody meets it.</summary>
    public virtual IRegistry Over(World world, IRegistry rows) => rows;

    /// <summary>What a workflow's step is given.</summary>
    public virtual IReadOnlyList<JobInput> Happened(World world, Run run, JobProgress at, IReadOnlyList<JobInput> happened) => happened;

    /// <summary>What an attempt's step is given.</summary>
    public virtual AttemptInput ToAttempt(AttemptInput input, TimeSpan now) => input;

    /// <summary>What an attempt's step has come to.</summary>
    public virtual AttemptState State(AttemptState state) => state;

    /// <summary>Whether an action is done.</summary>
    public virtual bool Does(AttemptAction action, AttemptInput because, AttemptState state) => true;
}
