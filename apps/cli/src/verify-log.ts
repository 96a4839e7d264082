import path from 'node:path';
import { archivedEnd, type Archive } from '@twofold/archive';
import { verifyEmbeddedLog, type LogAudit, type LogFault } from '@twofold/event-log-embedded';
import { nodeFs } from '@twofold/service';
import type { Project } from '@twofold/views';
import { topicsOf } from './platform.ts';

/** What `twofold verify` found in the log of a data folder. */
export interface LogFindings extends Omit<LogAudit, 'topics' | 'faults'> {
  readonly faults: readonly (Omit<LogFault, 'code'> & { readonly code: LogFault['code'] | 'POSITIONS_LOST' })[];
  readonly segments: number;
  readonly records: number;
  readonly bytes: number;
}

/**
 * Checks every frame of the log, and that what the log no longer has is in the archive (E7): positions of neither are
 * lost, which a look at the files alone can not tell from retention.
 */
export async function verifyLog(
  project: Project,
  dataFolder: string,
  archive: Pick<Archive, 'head'>,
): Promise<LogFindings> {
  const directory = path.join(dataFolder, 'log');
  const { topics, faults, remarks } = await verifyEmbeddedLog({ directory, fs: nodeFs });
  const lost: LogFindings['faults'][number][] = [];
  for (const { stream, topic } of topicsOf(project)) {
    // An archive that can not be read is told of by its own check.
    const state = await archive.head(stream.name).catch(() => null);
    const found = topics.find((each) => each.topic === topic)?.partitions ?? [];
    for (const partition of new Set([...found.keys(), ...(state?.origins.keys() ?? [])])) {
      const origin = state?.origins[partition] ?? 0;
      const from = state === null ? 0 : Math.max(origin, archivedEnd(state, partition));
      const start = found[partition]?.start ?? null;
      if (start !== null && start <= from) continue;
      const file = path.join(directory, 'topics', topic, String(partition));
      const detail =
        start === null
          ? 'the log has no such partition'
          : 'the log begins behind the end of the archive: neither has these positions';
      lost.push({ code: 'POSITIONS_LOST', file, topic, partition, position: null, from, to: start, detail });
    }
  }
  const partitions = topics.flatMap((each) => each.partitions);
  const sum = (of: 'segments' | 'records' | 'bytes'): number => partitions.reduce((n, each) => n + each[of], 0);
  const totals = { segments: sum('segments'), records: sum('records'), bytes: sum('bytes') };
  return { faults: [...faults, ...lost], remarks, ...totals };
}
