import type { Stream } from '@twofold/schemas';
import type { ClassifiedRecord } from './classify.ts';
import { readEvent } from './read-event.ts';

/** A correction as the oracle takes it: places and rows, one by one. */
export interface OracleCorrection {
  readonly id: string;
  /** The correction that it takes back. */
  readonly reverts: string | null;
  /** Events that do not count: of the log by partition, of a correction's rows by the correction's source. */
  readonly drops: readonly { readonly source: number; readonly offset: number }[];
  /** Where its own rows stand. */
  readonly source: number;
  readonly rows: readonly Uint8Array[];
  /** Milliseconds. */
  readonly rowTime: number;
}

/**
 * The log as it counts under a list of corrections, in order. Classes are those of the log as it was written (E9):
 * nobody becomes applied because somebody else was taken out. Added rows are applied, at places of their own.
 */
export function applyCorrections(
  stream: Stream,
  log: readonly ClassifiedRecord[],
  list: readonly OracleCorrection[],
): ClassifiedRecord[] {
  const inForce = standing(list);
  const dropped = droppedBy(list);
  const added = inForce.flatMap(({ rows, source, rowTime }) =>
    rows.map((value, offset): ClassifiedRecord => {
      const event = readEvent(stream, value, rowTime, stream.maxRecordBytes);
      if ('code' in event) throw new TypeError(`row ${offset} of a correction is no event: ${event.code}`);
      return { partition: source, offset, logTime: rowTime, class: 'applied', event };
    }),
  );
  return [...log, ...added].filter(({ partition, offset }) => !dropped.has(`${partition} ${offset}`));
}

/** Those that no later one in force takes back. */
function standing(list: readonly OracleCorrection[]): OracleCorrection[] {
  const stands = (index: number): boolean =>
    !list.some((later, at) => at > index && later.reverts === list[index]?.id && stands(at));
  return list.filter((_, index) => stands(index));
}

/** `source offset` of every event that does not count under a list. */
export function droppedBy(list: readonly OracleCorrection[]): ReadonlySet<string> {
  return new Set(standing(list).flatMap(({ drops }) => drops.map(({ source, offset }) => `${source} ${offset}`)));
}
