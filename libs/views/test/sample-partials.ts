import { ChunkError } from '../src/chunk-error.ts';
import type { PartialColumns } from '../src/partials.ts';
import { plainView } from './sample-views.ts';

export const counts = plainView(['sensorId'], [['n', 'count', null]]);
export const totals = plainView([], [['total', 'sum', 'whole']]);

/** Partials of `counts`: [sensor, pane, events]. */
export function countsOf(...rows: [sensor: string | null, pane: number, events: number][]): PartialColumns {
  return {
    count: rows.length,
    dimensions: [{ kind: 'text', texts: rows.map(([sensor]) => sensor) }],
    panes: Float64Array.from(rows, ([, pane]) => pane),
    partitions: null,
    slices: null,
    components: [{ kind: 'count', values: Float64Array.from(rows, ([, , events]) => events) }],
  };
}

/** Partials of `totals`, one a sum, all in the pane of 1970. */
export function totalsOf(...sums: bigint[]): PartialColumns {
  return {
    count: sums.length,
    dimensions: [],
    panes: new Float64Array(sums.length),
    partitions: null,
    slices: null,
    components: [
      { kind: 'count', values: new Float64Array(sums.length).fill(1) },
      {
        kind: 'sum',
        low: BigUint64Array.from(sums, (sum) => BigInt.asUintN(64, sum)),
        high: BigInt64Array.from(sums, (sum) => sum >> 64n),
      },
    ],
  };
}

export function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof ChunkError ? error.code : String(error);
  }
}
