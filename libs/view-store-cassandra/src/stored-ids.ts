import { textIn } from './column.ts';
import type { CqlValue, Session } from './session.ts';

/** What an id's row says; a removed one keeps late writes invisible until the mark does. */
type IdState = 'there' | 'removed' | 'unknown';

/**
 * Timestamps of what was written, of what removed it, and of forgetting that: each outranks the one before. The last one
 * outranks every write of what is removed, also where write timestamps are offsets.
 */
export const stamps = { written: 1n, removed: 2n, forgotten: 3n, afterAll: 2n ** 62n } as const;

const insert = `INSERT INTO $.stored_ids (project, incarnation, kind, id, state) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const one = 'SELECT state, low_water FROM $.stored_ids WHERE project = ? AND incarnation = ? AND kind = ? AND id = ?';
const mark = 'SELECT low_water FROM $.stored_ids WHERE project = ? AND incarnation = ? AND kind = ? LIMIT 1';
const all = 'SELECT id, state FROM $.stored_ids WHERE project = ? AND incarnation = ? AND kind = ?';
/** Of equal timestamps the larger value is kept: the mark never sinks. */
const raise = `UPDATE $.stored_ids USING TIMESTAMP 1 SET low_water = ? WHERE project = ? AND incarnation = ? AND kind = ?`;
const forget = `DELETE FROM $.stored_ids USING TIMESTAMP ${stamps.forgotten}
  WHERE project = ? AND incarnation = ? AND kind = ? AND id = ?`;

/** The ids of parts, or of builds: what there is, what was removed, and the mark below which nothing new is taken. */
export interface StoredIds {
  /** Makes the id known. False when a write of it has to stay invisible. */
  admit(id: string): Promise<boolean>;
  list(): Promise<string[]>;
  /** False for what was removed, also where nothing says so any more. */
  isThere(id: string): Promise<boolean>;
  /** From now on the id is removed, also when it was never there. */
  remove(id: string): Promise<void>;
  /** Gives how many removed ids are kept no longer. */
  forgetRemoved(below: string): Promise<number>;
}

/** Requests that one call of this module has under way; the session bounds those of all. */
const atOnce = 32;

export function storedIds(session: Session, kind: 'part' | 'build'): StoredIds {
  const place: readonly CqlValue[] = [session.project, session.incarnation, kind];

  async function stateOf(id: string): Promise<{ state: IdState; lowWater: string }> {
    const row = await session.first(one, [...place, id]);
    // An id that has no row brings no static column either.
    const low = row ?? (await session.first(mark, place));
    const lowWater: unknown = low?.['low_water'];
    const state: unknown = row?.['state'];
    return {
      state: state === 'there' || state === 'removed' ? state : 'unknown',
      lowWater: typeof lowWater === 'string' ? lowWater : '',
    };
  }

  return {
    admit: async (id) => {
      const { state, lowWater } = await stateOf(id);
      if (state !== 'unknown') return state === 'there';
      if (id < lowWater) return false;
      await session.write(insert, [...place, id, 'there', stamps.written]);
      return true;
    },
    list: async () => {
      const rows = await session.rows(all, place);
      return rows
        .filter((row) => row['state'] === 'there')
        .map((row) => textIn(row, 'id'))
        .sort();
    },
    isThere: async (id) => (await stateOf(id)).state === 'there',
    remove: (id) => session.write(insert, [...place, id, 'removed', stamps.removed]),
    forgetRemoved: async (below) => {
      await session.write(raise, [below, ...place]);
      const rows = await session.rows(all, place);
      const ids = rows.filter((row) => row['state'] === 'removed').map((row) => textIn(row, 'id'));
      const old = ids.filter((id) => id < below);
      for (let at = 0; at < old.length; at += atOnce)
        await Promise.all(old.slice(at, at + atOnce).map((id) => session.write(forget, [...place, id])));
      return old.length;
    },
  };
}
