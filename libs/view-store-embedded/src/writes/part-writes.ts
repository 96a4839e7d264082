import type { PartChunk } from '@twofold/view-store';
import type { DatabaseSync } from 'node:sqlite';
import { rowChecksum } from '../row-checksum.ts';
import type { ReportConflict } from './write-operation.ts';

/** What a part's row says of it (`parts.state`). */
export const partState = { there: 0, toFree: 1, removed: 2 } as const;

export interface PartWrites {
  writeChunks(part: string, chunks: readonly PartChunk[]): void;
  writeIndex(build: string, body: string): void;
  /** Leaves each id behind as removed, also one that was never written. */
  remove(parts: readonly string[], builds: readonly string[]): void;
  freeChunks(limit: number): number;
  forgetRemoved(below: string, limit: number): number;
}

export function partWrites(db: DatabaseSync, project: string, report: ReportConflict): PartWrites {
  const aboveLowWater = '?2 >= coalesce((SELECT below FROM part_low_water WHERE project = ?1), ?2)';
  const name = db.prepare(`
    INSERT INTO parts (project, part, state) SELECT ?1, ?2, ${partState.there} WHERE ${aboveLowWater}
    ON CONFLICT DO NOTHING`);
  const stateOf = db.prepare('SELECT state FROM parts WHERE project = ? AND part = ?');
  const insertChunk = db.prepare(`
    INSERT INTO chunks (project, part, number, rows, sha256, first_key, first_pane, crc, bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const storedChunk = db.prepare('SELECT bytes FROM chunks WHERE project = ? AND part = ? AND number = ?');
  const insertIndex = db.prepare(`
    INSERT INTO builds (project, build, body) SELECT ?1, ?2, ?3 WHERE ${aboveLowWater} ON CONFLICT DO NOTHING`);
  const storedIndex = db.prepare('SELECT body FROM builds WHERE project = ? AND build = ?');

  function writeChunk(part: string, chunk: PartChunk): void {
    const { number, rows, sha256, firstKey, firstPane, bytes } = chunk;
    const crc = rowChecksum([part, number], bytes);
    const { changes } = insertChunk.run(project, part, number, rows, sha256, firstKey, firstPane, crc, bytes);
    if (changes > 0 || report === null) return;
    const stored = storedChunk.get(project, part, number)?.['bytes'];
    if (stored instanceof Uint8Array && Buffer.compare(stored, bytes) !== 0)
      report({ what: 'chunk', place: { part, number } });
  }
  return {
    writeChunks: (part, chunks) => {
      name.run(project, part);
      if (stateOf.get(project, part)?.['state'] !== partState.there) return;
      for (const chunk of chunks) writeChunk(part, chunk);
    },
    writeIndex: (build, body) => {
      if (insertIndex.run(project, build, body).changes > 0 || report === null) return;
      const stored = storedIndex.get(project, build)?.['body'];
      if (typeof stored === 'string' && stored !== body) report({ what: 'index', place: { build } });
    },
    ...partRemovals(db, project),
    ...removedIds(db, project),
  };
}

/** Ids of what was removed, which keep a late write invisible until the low water does. */
function removedIds(db: DatabaseSync, project: string): Pick<PartWrites, 'forgetRemoved'> {
  const raise = db.prepare(`
    INSERT INTO part_low_water (project, below) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET below = excluded.below WHERE excluded.below > part_low_water.below`);
  const forgetParts = db.prepare(`
    DELETE FROM parts WHERE project = ?1 AND part IN (
      SELECT part FROM parts WHERE project = ?1 AND state = ${partState.removed} AND part < ?2 LIMIT ?3)`);
  const forgetBuilds = db.prepare(`
    DELETE FROM builds WHERE project = ?1 AND build IN (
      SELECT build FROM builds WHERE project = ?1 AND body IS NULL AND build < ?2 LIMIT ?3)`);
  return {
    forgetRemoved: (below, limit) => {
      raise.run(project, below);
      const parts = Number(forgetParts.run(project, below, limit).changes);
      return parts + Number(forgetBuilds.run(project, below, limit - parts).changes);
    },
  };
}

function partRemovals(db: DatabaseSync, project: string): Pick<PartWrites, 'remove' | 'freeChunks'> {
  const removePart = db.prepare(`
    INSERT INTO parts (project, part, state) VALUES (?, ?, ${partState.toFree})
    ON CONFLICT DO UPDATE SET state = ${partState.toFree} WHERE parts.state = ${partState.there}`);
  const removeBuild = db.prepare(`
    INSERT INTO builds (project, build, body) VALUES (?, ?, NULL) ON CONFLICT DO UPDATE SET body = NULL`);
  const nextToFree = db.prepare(`SELECT part FROM parts WHERE project = ? AND state = ${partState.toFree} LIMIT 1`);
  const freeSome = db.prepare(`
    DELETE FROM chunks WHERE rowid IN (SELECT rowid FROM chunks WHERE project = ? AND part = ? LIMIT ?)`);
  const freed = db.prepare(`UPDATE parts SET state = ${partState.removed} WHERE project = ? AND part = ?`);
  return {
    remove: (parts, builds) => {
      for (const part of parts) removePart.run(project, part);
      for (const build of builds) removeBuild.run(project, build);
    },
    freeChunks: (limit) => {
      let count = 0;
      while (count < limit) {
        const part = nextToFree.get(project)?.['part'];
        if (typeof part !== 'string') return count;
        const left = limit - count;
        const { changes } = freeSome.run(project, part, left);
        if (changes < left) freed.run(project, part);
        // A part counts, too, so that nothing found means nothing left.
        count += Number(changes) + 1;
      }
      return count;
    },
  };
}
