import { ApplicationFailure, ChildWorkflowFailure, condition, defineQuery, defineSignal, executeChild, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { DISPATCH, type JobReport, type JobSpec } from './job.js';

export const goOn = defineSignal('goOn');
export const done = defineQuery<number>('done');

/** Runs jobs one after another as children, and a wait for a signal between them; gives their exit codes. */
export async function pipeline(specs: JobSpec[]): Promise<number[]> {
  const codes: number[] = [];
  let signalled = 0;
  setHandler(goOn, () => void signalled++);
  setHandler(done, () => codes.length);
  for (const [at, spec] of specs.entries()) {
    const report = await executeChild<(spec: JobSpec) => Promise<JobReport>>('Job', {
      args: [spec],
      taskQueue: DISPATCH,
      workflowId: `${workflowInfo().workflowId}-${at}`,
    });
    codes.push(report.outcome.code ?? -1);
    await sleep('50 milliseconds');
    await condition(() => signalled > at);
  }
  return codes;
}

/** Runs one job that fails, and tells what a parent sees of it. */
export async function tellFailure(spec: JobSpec): Promise<{ type?: string | null; report?: JobReport }> {
  try {
    await executeChild('Job', { args: [spec], taskQueue: DISPATCH });
  } catch (error) {
    if (error instanceof ChildWorkflowFailure && error.cause instanceof ApplicationFailure) {
      return { type: error.cause.type, report: error.cause.details?.[0] as JobReport };
    }
    throw error;
  }
  throw ApplicationFailure.nonRetryable('the job did not fail');
}
