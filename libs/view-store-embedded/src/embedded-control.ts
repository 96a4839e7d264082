import type { ControlRow } from '@twofold/releases';
import { parseFrozen, storeGone, type ControlRows } from '@twofold/view-store';
import type { Access } from './access.ts';
import { Damage, damagedRow } from './damage.ts';
import { numberIn, textIn } from './reads/column.ts';
import { rowChecksum } from './row-checksum.ts';

export function embeddedControl({ reader, write }: Access): ControlRows {
  const { project, incarnation } = reader;
  const sequenceOf = reader.prepare('SELECT sequence FROM control WHERE project = ?');
  const rowOf = reader.prepare('SELECT sequence, crc, body FROM control WHERE project = ?');
  /** The row last read. A sequence of one incarnation is written once, so the same sequence is the same row. */
  let last: ControlRow | null = null;

  function current(): ControlRow | null {
    const found = sequenceOf.get(project);
    if (found === undefined) return null;
    if (last === null || last.sequence !== found['sequence']) last = readRow();
    return last;
  }

  function readRow(): ControlRow {
    const stored = rowOf.get(project);
    if (stored === undefined) throw new Damage('the control row has a sequence and no content');
    const body = textIn(stored, 'body');
    const key = [numberIn(stored, 'sequence')];
    if (rowChecksum(key, body) !== numberIn(stored, 'crc')) throw damagedRow('control', key);
    return parseFrozen<ControlRow>(body);
  }

  async function set(kind: 'createControl' | 'setControl', row: ControlRow): Promise<boolean> {
    reader.enter();
    // A row of a lost store must not pass for one of this store, whatever its sequence (E5).
    if (row.incarnation !== incarnation) throw storeGone(row.incarnation);
    return (await write({ kind, sequence: row.sequence, body: JSON.stringify(row) })) === true;
  }
  return {
    read: async (signal) => reader.read(current, signal),
    create: (row) => set('createControl', row),
    compareAndSet: (row) => set('setControl', row),
  };
}
