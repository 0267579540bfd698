using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Jobs;

/// <content>The controls: handlers fill the inbox and wait for their answer.</content>
public sealed partial class JobWorkflow
{
    /// <summary>Stops the job.</summary>
    /// <param name="command">A <see cref="StopRequest"/>.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>What is so now.</returns>
    [WorkflowUpdate(JobNames.Stop)]
    public Task<CommandResult> StopAsync(IRawValue? command = null, IRawValue? extra = null) => TakeAsync(JobCommands.ReadStop(command, extra));

    /// <summary>Refuses what is no stop.</summary>
    /// <param name="command">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    [WorkflowUpdateValidator(nameof(StopAsync))]
    public void ValidateStop(IRawValue? command = null, IRawValue? extra = null) => JobCommands.ReadStop(command, extra);

    /// <summary>Extends the run deadline.</summary>
    /// <param name="command">An <see cref="ExtendRequest"/>.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>What is so now.</returns>
    [WorkflowUpdate(JobNames.Extend)]
    public Task<CommandResult> ExtendAsync(IRawValue? command = null, IRawValue? extra = null) => TakeAsync(JobCommands.ReadExtend(command, extra));

    /// <summary>Refuses what is no extension.</summary>
    /// <param name="command">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    [WorkflowUpdateValidator(nameof(ExtendAsync))]
    public void ValidateExtend(IRawValue? command = null, IRawValue? extra = null) => JobCommands.ReadExtend(command, extra);

    /// <summary>Sets the priority.</summary>
    /// <param name="command">A <see cref="PriorityRequest"/>.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>What is so now.</returns>
    [WorkflowUpdate(JobNames.SetPriority)]
    public Task<CommandResult> SetPriorityAsync(IRawValue? command = null, IRawValue? extra = null) => TakeAsync(JobCommands.ReadPriority(command, extra));

    /// <summary>Refuses what is no priority.</summary>
    /// <param name="command">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    [WorkflowUpdateValidator(nameof(SetPriorityAsync))]
    public void ValidateSetPriority(IRawValue? command = null, IRawValue? extra = null) => JobCommands.ReadPriority(command, extra);

    /// <summary>Holds the job back before placement.</summary>
    /// <param name="command">A <see cref="PauseRequest"/>.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>What is so now.</returns>
    [WorkflowUpdate(JobNames.Pause)]
    public Task<CommandResult> PauseAsync(IRawValue? command = null, IRawValue? extra = null) => TakeAsync(JobCommands.ReadPause(command, extra));

    /// <summary>Refuses what is no pause.</summary>
    /// <param name="command">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    [WorkflowUpdateValidator(nameof(PauseAsync))]
    public void ValidatePause(IRawValue? command = null, IRawValue? extra = null) => JobCommands.ReadPause(command, extra);

    /// <summary>Lets a paused job go on.</summary>
    /// <param name="command">A <see cref="PauseRequest"/>.</param>
    /// <param name="extra">Must not be there.</param>
    /// <returns>What is so now.</returns>
    [WorkflowUpdate(JobNames.Unpause)]
    public Task<CommandResult> UnpauseAsync(IRawValue? command = null, IRawValue? extra = null) => TakeAsync(JobCommands.ReadUnpause(command, extra));

    /// <summary>Refuses what is no command.</summary>
    /// <param name="command">The argument.</param>
    /// <param name="extra">Must not be there.</param>
    [WorkflowUpdateValidator(nameof(UnpauseAsync))]
    public void ValidateUnpause(IRawValue? command = null, IRawValue? extra = null) => JobCommands.ReadUnpause(command, extra);

    private async Task<CommandResult> TakeAsync(JobCommand command)
    {
        var id = Workflow.CurrentUpdateInfo!.Id;
        inbox.Add(new JobInput.CommandReceived(id, command));
        await Workflow.WaitConditionAsync(() => answers.ContainsKey(id), CancellationToken.None);
        var answer = answers[id];
        answers.Remove(id);
        return answer.Result ?? throw new ApplicationFailureException(answer.Message!, errorType: answer.Refusal.ToString(), nonRetryable: true);
    }
}
