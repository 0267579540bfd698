// A worker for our own workflows: `worker ADDRESS`. It prints "ready" and runs until it is told to stop.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { OURS } from './job.js';

const address = process.argv[2];
if (!address) throw new Error('worker ADDRESS');

const connection = await NativeConnection.connect({ address });
try {
  const worker = await Worker.create({
    connection,
    taskQueue: OURS,
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    shutdownGraceTime: '1 second',
  });
  const running = worker.run();
  console.log('ready');
  await running;
  console.log('stopped');
} finally {
  await connection.close();
}
