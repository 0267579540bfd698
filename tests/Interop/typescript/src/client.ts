// A client: `client ADDRESS VERB ID [JSON]`. Prints one JSON document.
import { ApplicationFailure, Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { DISPATCH, OURS, type JobReport, type JobSpec, type JobStatus } from './job.js';

const [address, verb, id, json] = process.argv.slice(2);
if (!address || !verb || !id) throw new Error('client ADDRESS VERB ID [JSON]');
const argument: unknown = json === undefined ? undefined : JSON.parse(json);

type Job = (spec: JobSpec) => Promise<JobReport>;

async function outcome(result: () => Promise<unknown>): Promise<object> {
  try {
    return { result: await result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const cause = error.cause;
    return cause instanceof ApplicationFailure
      ? { failure: { type: cause.type, message: cause.message, nonRetryable: cause.nonRetryable, details: cause.details } }
      : { failure: { name: cause?.name, message: cause?.message } };
  }
}

const connection = await Connection.connect({ address });
try {
  const client = new Client({ connection });
  const verbs: Record<string, () => Promise<object>> = {
    // Starts a job and tells its first run.
    start: async () => ({ run: (await client.workflow.start<Job>('Job', { taskQueue: DISPATCH, workflowId: id, args: [argument as JobSpec] })).firstExecutionRunId }),
    // Starts a workflow of our own: the JSON is { type, args }.
    own: async () => {
      const { type, args } = argument as { type: string; args: unknown[] };
      return { run: (await client.workflow.start(type, { taskQueue: OURS, workflowId: id, args })).firstExecutionRunId };
    },
    result: () => outcome(() => client.workflow.getHandle(id).result()),
    status: () => client.workflow.getHandle(id).query<JobStatus>('Status'),
    operations: async () => ({ operations: await client.workflow.getHandle(id).query<object[]>('Operations') }),
    query: async () => ({ answer: await client.workflow.getHandle(id).query(argument as string) }),
    signal: async () => {
      await client.workflow.getHandle(id).signal(argument as string);
      return {};
    },
    // Stops a job as its update has it.
    stop: () => client.workflow.getHandle(id).executeUpdate<object, [object]>('Stop', { args: [argument as object] }),
    cancel: async () => {
      await client.workflow.getHandle(id).cancel();
      return {};
    },
    describe: async () => {
      const description = await client.workflow.getHandle(id).describe();
      return { status: description.status.name, type: description.type, memo: description.memo, searchAttributes: description.searchAttributes };
    },
    list: async () => {
      const found = [];
      for await (const run of client.workflow.list({ query: argument as string })) found.push(run.workflowId);
      return { found };
    },
  };
  const chosen = verbs[verb];
  if (!chosen) throw new Error(`no verb ${verb}; there are ${Object.keys(verbs).join(', ')}`);
  console.log(JSON.stringify(await chosen()));
} finally {
  await connection.close();
}
