import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { connect, makeDurable } from '../connection.ts';
import { checkpointWhenLarge } from './checkpoint-when-large.ts';
import { WriteGroup } from './write-group.ts';
import type { FromWriteThread, ToWriteThread, WriteThreadSettings } from './write-messages.ts';
import type { WriteOperation } from './write-operation.ts';

/**
 * The body of the writing thread. It holds the store's writing connection, so that neither a sync of the disk nor a
 * lock of another program holds up the events of the thread that folds them.
 */
function serve(port: MessagePort, settings: WriteThreadSettings): void {
  const db = connect(settings.file, { readOnly: false });
  makeDurable(db);
  const checkpoint = checkpointWhenLarge(db, settings.file);
  const group = new WriteGroup(db, settings);
  port.on('message', (message: ToWriteThread) => {
    const { numbers, operations, close } = gather(port, message);
    if (operations.length > 0) {
      const answer: FromWriteThread = { numbers, outcomes: group.run(operations) };
      port.postMessage(answer);
      checkpoint();
    }
    if (!close) return;
    db.close();
    port.close();
  });
}

/** Takes what waits already into the same transaction (group commit). */
function gather(port: MessagePort, message: ToWriteThread) {
  const numbers: number[] = [];
  const operations: WriteOperation[] = [];
  for (let next: ToWriteThread | undefined = message; next !== undefined; next = waiting(port)) {
    if (next.kind === 'close') return { numbers, operations, close: true };
    const { first } = next;
    numbers.push(...next.operations.map((_, i) => first + i));
    operations.push(...next.operations);
  }
  return { numbers, operations, close: false };
}

function waiting(port: MessagePort): ToWriteThread | undefined {
  const received: { message: ToWriteThread } | undefined = receiveMessageOnPort(port);
  return received?.message;
}

if (parentPort !== null) serve(parentPort, workerData as WriteThreadSettings);
