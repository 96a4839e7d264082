import type { Clock } from '@twofold/service';
import type { StoreErasure } from '@twofold/view-store';
import { numberIn } from './column.ts';
import { dropLeftOver } from './drop-left-over.ts';
import type { Session } from './session.ts';

const gracesOf = 'SELECT gc_grace_seconds FROM system_schema.tables WHERE keyspace_name = ?';

/**
 * Cassandra gives the bytes of deleted rows back when it compacts them after the table's grace, not before: what this
 * can do is see to it that all are deleted, and say when.
 */
export async function eraseLater(session: Session, clock: Pick<Clock, 'now'>): Promise<StoreErasure> {
  await dropLeftOver(session);
  const rows = await session.rows(gracesOf, [session.keyspace]);
  const graceSeconds = Math.max(0, ...rows.map((row) => numberIn(row, 'gc_grace_seconds')));
  return {
    goneBy: clock.now() + graceSeconds * 1_000,
    how: `deleted rows of keyspace ${session.keyspace} are covered by tombstones; their bytes go with the first compaction after gc_grace_seconds (${graceSeconds}). For an earlier day lower it and run nodetool compact on every node; snapshots and backups are not touched`,
  };
}
