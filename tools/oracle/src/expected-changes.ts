import type { Stream } from '@twofold/schemas';
import { changeNames } from './change-names.ts';
import type { ClassifiedRecord } from './classify.ts';
import { floorDivide } from './exact-number.ts';
import type { OracleEvent, Value } from './read-event.ts';

type Applied = Extract<ClassifiedRecord, { readonly event: OracleEvent }>;

/** An event that a change stream has to have. */
export interface ExpectedChange {
  readonly partition: number;
  /** By field name, sign and id included. */
  readonly values: ReadonlyMap<string, Value>;
}

/**
 * The rows that hold after all restatements (E27), as events: of each key the one of the highest revision, the first of
 * equal ones, unless it takes the row away. Knows nothing of changes: each key is looked at by itself.
 */
export function currentRows(stream: Stream, restatements: readonly ClassifiedRecord[]): ClassifiedRecord[] {
  return histories(stream, restatements).flatMap((winners): ClassifiedRecord[] => {
    const last = winners.at(-1);
    const event = last === undefined ? null : rowAfter(stream, winners, winners.length - 1);
    if (last === undefined || event === null) return [];
    const { partition, offset, logTime } = last;
    return [{ partition, offset, logTime, class: 'applied', event }];
  });
}

/** Every change that the operator has to emit, by partition and in order: what held before is taken back first. */
export function expectedChanges(stream: Stream, restatements: readonly ClassifiedRecord[]): ExpectedChange[] {
  const all = histories(stream, restatements).flatMap((winners) =>
    winners.flatMap(({ partition, offset }, i) => {
      const before = i === 0 ? null : rowAfter(stream, winners, i - 1);
      const after = rowAfter(stream, winners, i);
      const changes = [
        ...(before === null ? [] : [{ sign: -1n, event: before }]),
        ...(after === null ? [] : [{ sign: 1n, event: after }]),
      ];
      return changes.map(({ sign, event }, ordinal) => ({
        partition,
        offset,
        ordinal,
        values: new Map([
          ...event.values,
          [changeNames.sign, sign],
          [changeNames.offset, BigInt(offset)],
          [changeNames.ordinal, BigInt(ordinal)],
        ]),
      }));
    }),
  );
  return all.sort((a, b) => a.partition - b.partition || a.offset - b.offset || a.ordinal - b.ordinal);
}

/** Of each key in each partition, the restatements that won when they came, in order. */
function histories(stream: Stream, restatements: readonly ClassifiedRecord[]): Applied[][] {
  const { change } = stream;
  if (change === undefined) throw new TypeError(`'${stream.name}' is no change stream`);
  const byKey = new Map<string, Applied[]>();
  const inOrder = restatements.flatMap((record) => (record.class === 'applied' ? [record] : []));
  inOrder.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  for (const record of inOrder) {
    const key = JSON.stringify([record.partition, ...change.key.map((name) => String(record.event.values.get(name)))]);
    const winners = byKey.get(key) ?? [];
    byKey.set(key, winners);
    const last = winners.at(-1);
    if (last === undefined || revisionOf(record) > revisionOf(last)) winners.push(record);
  }
  return [...byKey.values()];

  function revisionOf({ event }: Applied): bigint {
    return BigInt(event.values.get(change?.revision ?? '') ?? 0n);
  }
}

/** The row that holds after a winner: what it leaves unsaid is what the row before it said. Null: it was taken away. */
function rowAfter(stream: Stream, winners: readonly Applied[], index: number): OracleEvent | null {
  const { change } = stream;
  const winner = winners[index];
  if (change === undefined || winner === undefined) return null;
  const operation = winner.event.values.get(change.operation?.field ?? '');
  if (typeof operation === 'string' && change.operation?.deletes.includes(operation) === true) return null;
  const before = change.keep.length === 0 || index === 0 ? null : rowAfter(stream, winners, index - 1);
  const values = new Map<string, Value>();
  for (const [name, value] of winner.event.values) {
    if (name === change.operation?.field) continue;
    values.set(name, change.keep.includes(name) ? (value ?? before?.values.get(name) ?? null) : value);
  }
  return { values, timeMs: timeOf(stream, values.get(stream.eventTime) ?? null) };
}

/** Milliseconds, rounded down; of a row without its time none, and it counts nowhere. */
function timeOf(stream: Stream, value: Value): number {
  const type = stream.fields.find(({ name }) => name === stream.eventTime)?.type;
  if (typeof value !== 'bigint') return Number.NaN;
  if (type?.kind === 'date') return Number(value) * 86_400_000;
  const unit = type?.kind === 'instant' ? type.unit : 'ms';
  return Number(unit === 's' ? value * 1000n : unit === 'ms' ? value : floorDivide(value, 1000n));
}
