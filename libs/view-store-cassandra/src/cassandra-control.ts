import type { ControlRow } from '@twofold/releases';
import { parseFrozen, storeGone, type ControlRows } from '@twofold/view-store';
import { textIn } from './column.ts';
import { SequencedRow } from './sequenced-row.ts';
import type { Session } from './session.ts';

const statements = {
  select: 'SELECT sequence, body FROM $.control WHERE project = ? AND incarnation = ?',
  insert: 'INSERT INTO $.control (project, incarnation, sequence, body) VALUES (?, ?, ?, ?) IF NOT EXISTS',
  update: 'UPDATE $.control SET sequence = ?, body = ? WHERE project = ? AND incarnation = ? IF sequence = ?',
};

/** @returns also a read that does not look whether the store is still there, and whole */
export function cassandraControl(session: Session): {
  readonly control: ControlRows;
  readonly readUnproved: ControlRows['read'];
} {
  const one = new SequencedRow(session, statements, [session.project, session.incarnation], 'the control row');
  let parsed: { readonly body: string; readonly row: ControlRow } | null = null;

  async function read(): Promise<ControlRow | null> {
    const found = await one.read();
    if (found === null) return null;
    const body = textIn(found, 'body');
    if (parsed?.body !== body) parsed = { body, row: parseFrozen<ControlRow>(body) };
    return parsed.row;
  }

  function run(row: ControlRow, attempt: (body: string) => Promise<boolean>): Promise<boolean> {
    const body = JSON.stringify(row);
    return session.change(async () => {
      if (row.incarnation !== session.incarnation) throw storeGone(row.incarnation);
      return attempt(body);
    });
  }

  // Readers end with it, so that what they have read was of a whole store.
  const readWhole = async (): Promise<ControlRow | null> => (await Promise.all([read(), session.whole()]))[0];
  return {
    control: {
      read: async (signal) => session.run(readWhole, signal),
      create: async (row) => run(row, (body) => one.create(row.sequence, body)),
      compareAndSet: async (row) => run(row, (body) => one.set(row.sequence, body)),
    },
    readUnproved: async (signal) => session.runUnproved(read, signal),
  };
}
