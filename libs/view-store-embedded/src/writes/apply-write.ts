import type { DatabaseSync } from 'node:sqlite';
import { controlWrites } from './control-writes.ts';
import { ledgerWrites } from './ledger-writes.ts';
import { partWrites } from './part-writes.ts';
import { progressWrites } from './progress-writes.ts';
import { runWrites } from './run-writes.ts';
import { speedRowWrites } from './speed-row-writes.ts';
import type { ReportConflict, WriteOperation } from './write-operation.ts';

/** What an operation gives: how many it removed, whether it won, or nothing. */
export type WriteResult = number | boolean | null;

/** Applies an operation inside the transaction that the caller has begun. */
export type ApplyWrite = (operation: WriteOperation) => WriteResult;

export function prepareWrites(db: DatabaseSync, project: string, report: ReportConflict): ApplyWrite {
  const speedRows = speedRowWrites(db, project, report);
  const progress = progressWrites(db, project);
  const ledger = ledgerWrites(db, project);
  const parts = partWrites(db, project, report);
  const control = controlWrites(db, project);
  const runs = runWrites(db, project);
  return (operation) => {
    switch (operation.kind) {
      case 'speedRows':
        return done(speedRows.write(operation.rows));
      case 'sweep':
        return speedRows.sweep(operation.of, operation.partition, operation.below, operation.limit);
      case 'progress':
        return done(progress.write(operation.records));
      case 'forgetLanes':
        return done(progress.forget(operation.of, operation.partition, operation.lanes));
      case 'ledger':
        return done(ledger.write(operation.entries, operation.deadLetters));
      case 'dropLetters':
        return ledger.dropLetters(operation.stream, operation.partition, operation.below, operation.limit);
      case 'chunks':
        return done(parts.writeChunks(operation.part, operation.chunks));
      case 'index':
        return done(parts.writeIndex(operation.build, operation.body));
      case 'removeParts':
        return done(parts.remove(operation.parts, operation.builds));
      case 'freeChunks':
        return parts.freeChunks(operation.limit);
      case 'forgetRemoved':
        return parts.forgetRemoved(operation.below, operation.limit);
      case 'createControl':
        return control.create(operation.sequence, operation.body);
      case 'setControl':
        return control.compareAndSet(operation.sequence, operation.body);
      case 'run':
        return done(runs.put(operation));
      case 'setJob':
        return runs.setJob(operation.job, operation.sequence, operation.body);
    }
  };
}

const done = (_: void): null => null;
