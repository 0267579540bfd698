// What Dispatch takes and gives, as far as these programs look at it.

/** The one argument of workflow `Job`: an image or a plain process, and more. */
export interface JobSpec {
  image?: string;
  process?: string[];
  env?: Record<string, string>;
  exit?: { success?: number[]; nonZero?: 'fail' | 'data' };
  labels?: Record<string, string>;
}

/** What a job comes to: the result of `Job`, or the details of its failure. */
export interface JobReport {
  job: string;
  reason: string;
  error?: string | null;
  message?: string | null;
  outcome: { kind: 'Unset' | 'Success' | 'Failure'; code?: number | null };
  attemptsUsed: number;
  attempts: { attempt: number; worker: string; end: string }[];
}

/** The answer to query `Status`. */
export interface JobStatus {
  job: string;
  state: 'Queued' | 'Paused' | 'Sent' | 'Closed';
  message: string;
  attempt: number;
  worker?: string | null;
  report?: JobReport | null;
}

/** The task queue of the job workflow. */
export const DISPATCH = 'dispatch';

/** The task queue of our own workflows. */
export const OURS = 'typescript';
