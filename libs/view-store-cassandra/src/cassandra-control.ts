import type { ControlRow } from '@twofold/releases';
import { Semaphore } from '@twofold/service';
import { parseFrozen, StoreError, storeGone, type ControlRows } from '@twofold/view-store';
import { isOutcomeUnknown } from './cassandra-failure.ts';
import { numberIn, textIn } from './column.ts';
import type { CqlRow, CqlValue, Session } from './session.ts';

const select = 'SELECT sequence, body FROM $.control WHERE project = ? AND incarnation = ?';
const insert = 'INSERT INTO $.control (project, incarnation, sequence, body) VALUES (?, ?, ?, ?) IF NOT EXISTS';
const update = 'UPDATE $.control SET sequence = ?, body = ? WHERE project = ? AND incarnation = ? IF sequence = ?';

/** How often an attempt of unknown outcome that is seen to have had none is made again. */
const attempts = 5;

export function cassandraControl(session: Session): ControlRows {
  const place: readonly CqlValue[] = [session.project, session.incarnation];
  /** Attempts of one handle would only get in each other's way. */
  const oneByOne = new Semaphore(1);
  let parsed: { readonly body: string; readonly row: ControlRow } | null = null;
  /** After an outcome that nobody knows, reads take part in the agreement until one has settled it (E15). */
  let unsettled = false;

  function rowOf(found: CqlRow): ControlRow {
    const body = textIn(found, 'body');
    if (parsed?.body !== body) parsed = { body, row: parseFrozen<ControlRow>(body) };
    return parsed.row;
  }

  async function read(): Promise<ControlRow | null> {
    const serial = unsettled;
    const found = await (serial ? session.firstSerial(select, place) : session.first(select, place));
    if (serial) unsettled = false;
    return found === null ? null : rowOf(found);
  }

  /**
   * Makes the attempt, and settles an unknown outcome by its effect: a read that takes part in the agreement ends
   * whatever was under way before it.
   */
  async function settle(row: ControlRow, body: string, attempt: () => Promise<boolean>): Promise<boolean> {
    for (let left = attempts; ; left--) {
      try {
        return await attempt();
      } catch (error) {
        if (!isOutcomeUnknown(error)) throw error;
        const outcome = await effectOf(row, body, error);
        if (outcome !== 'NONE') return outcome === 'OURS';
        if (left <= 1) throw error;
      }
    }
  }

  async function effectOf(row: ControlRow, body: string, cause: unknown): Promise<'OURS' | 'OTHERS' | 'NONE'> {
    unsettled = true;
    const found = await session.firstSerial(select, place).catch((error: unknown) => {
      throw outcomeUnknown(row.sequence, error);
    });
    unsettled = false;
    if (found === null) return 'NONE';
    const sequence = numberIn(found, 'sequence');
    if (sequence === row.sequence) return textIn(found, 'body') === body ? 'OURS' : 'OTHERS';
    if (sequence < row.sequence) return 'NONE';
    throw outcomeUnknown(row.sequence, cause);
  }

  function run(row: ControlRow, attempt: (body: string) => Promise<boolean>): Promise<boolean> {
    const body = JSON.stringify(row);
    return session.run(async () => {
      if (row.incarnation !== session.incarnation) throw storeGone(row.incarnation);
      return oneByOne.run(() => settle(row, body, () => attempt(body)));
    });
  }

  return {
    read: async (signal) => session.run(read, signal),
    create: async (row) => run(row, (body) => session.writeIf(insert, [...place, BigInt(row.sequence), body])),
    compareAndSet: async (row) =>
      run(row, (body) => session.writeIf(update, [BigInt(row.sequence), body, ...place, BigInt(row.sequence - 1)])),
  };
}

function outcomeUnknown(sequence: number, cause: unknown): StoreError {
  return new StoreError(
    'OUTCOME_UNKNOWN',
    `it is not known whether the control row's change to sequence ${sequence} was applied; read the row and go by what is there`,
    { cause, retryable: true, facts: { sequence } },
  );
}
