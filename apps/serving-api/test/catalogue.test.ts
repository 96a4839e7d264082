import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from './api-client.ts';
import { type Plant, T0 } from './plant.ts';
import { promotedPlant } from './promoted-plant.ts';

let plant: Plant;
let test: TestApi;

beforeEach(async () => {
  plant = await promotedPlant();
  test = await startApi(plant);
});
afterEach(() => test.api.close());

describe('the catalogue', () => {
  it('tells of views, release, runs and streams', async () => {
    await plant.store.runs.put({
      id: 'run-1',
      job: 'recompute',
      subjects: ['bySensor'],
      slot: null,
      trigger: 'MANUAL',
      state: 'FAILED',
      startedAt: T0,
      endedAt: T0 + 1,
      release: null,
      error: { code: 'ARCHIVE_HOLE', message: 'a hole' },
      facts: { rows: 3 },
    });
    await plant.store.ledger.write(
      [{ stream: 'readings', partition: 0, slice: 0, next: 4, applied: 2, duplicate: 1, rejected: 1, control: 0 }],
      [
        {
          stream: 'readings',
          partition: 0,
          offset: 3,
          logTime: T0,
          code: 'WRONG_TYPE',
          field: 'value',
          detail: 'expected a number',
        },
      ],
    );
    const { data, errors } = await test.query(`{
      views { name window every schedule freshness { health } } view(name: "nothing") { name }
      release { id number sequence reason releases }
      runs(first: 5) { id state startedAt error { code } facts { name value } }
      streams { name ledger { partition position applied duplicate rejected control } deadLetters(first: 5) { offset code field logTime } } }`);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      views: [
        { name: 'bySensor', window: '1m', every: '10s', schedule: null, freshness: { health: 'FRESH' } },
        { name: 'plantMinute', window: '1m', every: '1m', schedule: null, freshness: { health: 'FRESH' } },
      ],
      view: null,
      release: { id: 'r1', number: 1, sequence: '3', reason: 'PROMOTED', releases: ['release-0', 'r1'] },
      runs: [
        {
          id: 'run-1',
          state: 'FAILED',
          startedAt: '2026-01-05T08:00:00.000Z',
          error: { code: 'ARCHIVE_HOLE' },
          facts: [{ name: 'rows', value: '3' }],
        },
      ],
      streams: [
        {
          name: 'readings',
          ledger: [{ partition: 0, position: '4', applied: '2', duplicate: '1', rejected: '1', control: '0' }],
          deadLetters: [{ offset: '3', code: 'WRONG_TYPE', field: 'value', logTime: '2026-01-05T08:00:00.000Z' }],
        },
      ],
    });
  });

  it('gives every dead letter of a long list once, page by page, newest first', async () => {
    const letter = { stream: 'readings', code: 'WRONG_TYPE' as const, field: null, detail: 'expected a number' };
    const letters = Array.from({ length: 45 }, (_, offset) => ({
      ...letter,
      partition: offset % 2,
      offset,
      // Several of one time: partition and offset decide.
      logTime: T0 + Math.floor(offset / 4),
    }));
    await plant.store.ledger.write([], letters);
    const query = `query Page($before: DeadLetterPlace) {
      streams { deadLetters(first: 7, before: $before) { partition offset } } }`;
    const found: string[] = [];
    for (let before: unknown = null, pages = 0; pages < 20; pages++) {
      const { data, errors } = await test.query(query, { before });
      expect(errors).toEqual([]);
      const [{ deadLetters }] = (data as unknown as { streams: [{ deadLetters: { offset: string }[] }] }).streams;
      found.push(...deadLetters.map(({ offset }) => offset));
      before = deadLetters.at(-1);
      if (before === undefined) break;
    }
    const newestFirst = [...letters].sort(
      (a, b) => b.logTime - a.logTime || b.partition - a.partition || b.offset - a.offset,
    );
    expect(found).toEqual(newestFirst.map(({ offset }) => String(offset)));
  });
});
