import type { ControlRow } from '@twofold/releases';
import type { JobRow, RunRecord } from '@twofold/schedules';
import type { DeadLetter, LedgerEntry, PartChunk, ProgressRecord, SpeedRow } from '../view-store.ts';

/** Things to write, each whole, of which a test names only what it is about. */

export const view = { view: 'readings-by-sensor', version: 1 } as const;

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Content that depends on nothing but the seed: equal seeds, equal bytes. */
export function noise(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed * 2_654_435_761) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function speedRow(of: Partial<SpeedRow> = {}): SpeedRow {
  const row = { ...view, partition: 0, start: 0, end: 100, bucket: 0, appliedOffset: 50, ...of };
  const place = [row.view, row.version, row.partition, row.start, row.end, row.bucket, row.appliedOffset];
  return { ...row, bytes: of.bytes ?? bytesOf(JSON.stringify(place)) };
}

export function progressRecord(of: Partial<ProgressRecord> = {}): ProgressRecord {
  const times = { maxEventTime: null, lastLogTime: null, caughtUpAt: null };
  return { ...view, partition: 0, lane: 'base', next: 0, ...times, ...of };
}

export function ledgerEntry(of: Partial<LedgerEntry> = {}): LedgerEntry {
  const counts = { applied: 0, duplicate: 0, rejected: 0, control: 0 };
  return { stream: 'readings', partition: 0, slice: 0, next: 0, ...counts, ...of };
}

export function deadLetter(of: Partial<DeadLetter> = {}): DeadLetter {
  const place = { stream: 'readings', partition: 0, offset: 0, logTime: 1_000 };
  return { ...place, code: 'WRONG_TYPE', field: 'temperature', detail: 'expected a number, found text', ...of };
}

export function partChunk(number: number, of: Partial<PartChunk> = {}): PartChunk {
  const bytes = of.bytes ?? bytesOf(`chunk ${number}`);
  return { number, rows: 10, sha256: `${number}`, firstKey: bytesOf(`key ${number}`), firstPane: 60_000, bytes, ...of };
}

export function runRecord(of: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'run-1',
    job: 'recompute',
    subjects: ['readings-by-sensor'],
    slot: null,
    trigger: 'MANUAL',
    state: 'RUNNING',
    startedAt: 1_000,
    endedAt: null,
    release: null,
    error: null,
    facts: {},
    ...of,
  };
}

/** A job's row with one of everything that a row can hold. */
export function jobRow(incarnation: string, of: Partial<JobRow> = {}): JobRow {
  const run = runRecord({ slot: 60_000, trigger: 'SCHEDULE', fence: 2, attempt: 1, reasons: hostileNames });
  return {
    format: 1,
    incarnation,
    job: 'recompute',
    sequence: 1,
    fence: 2,
    holder: { run, beat: 3, asked: null },
    clean: false,
    settled: [{ from: 0, to: 2 ** 52 }],
    trying: { slot: 60_000, attempts: 1, waiting: run },
    queued: 120_000,
    paused: { at: 5, by: `o'brien`, reason: 'a "break"' },
    resumedAt: null,
    last: run,
    asked: [
      {
        ...{ kind: 'BACKFILL', id: 'a1', at: 7, by: 'x', failures: 0, views: hostileNames },
        ...{ from: 0, to: 100, next: 50, pieceMs: 10, restMs: 1, pieces: 5 },
      },
    ],
    ...of,
  };
}

/** A control row with one of everything that a row can hold. */
export function controlRow(incarnation: string, of: Partial<ControlRow> = {}): ControlRow {
  const entry = {
    id: 'b1',
    ...view,
    fingerprint: 'f',
    stream: 'readings',
    build: null,
    cut: [7, 2 ** 53 - 1],
    corrections: ['c1'],
    watermark: null,
  };
  return {
    format: 1,
    project: 'plant',
    incarnation,
    sequence: 1,
    streams: { readings: { version: 1, fingerprint: 's', sliceSize: 100, logIdentity: 'log', origins: [0, 3] } },
    entries: { b1: entry },
    live: 'r1',
    releases: [{ id: 'r1', number: 1, entries: { [entry.view]: 'b1' }, reason: 'REGISTERED' }],
    candidates: [
      {
        id: 'c',
        registeredAt: 5,
        base: 'r1',
        baseEntries: { [entry.view]: null },
        baseCorrections: { readings: [] },
        entries: [{ ...entry, id: 'b2' }],
      },
    ],
    floors: { 'readings-by-sensor@1': [0, 3] },
    holds: [],
    ...of,
  };
}

/** Names that have broken stores before. */
export const hostileNames: readonly string[] = [
  `'; DROP TABLE speed_rows; --`,
  'a"b`c\\d',
  'nul\u0000inside',
  'nul\u0000inside too',
  '__proto__',
  'constructor',
  'é',
  'e\u0301',
  '視圖🏭',
  'a/../b',
  '%',
  '_',
  ' ',
  'A',
  'a',
  'x'.repeat(2_000),
];
