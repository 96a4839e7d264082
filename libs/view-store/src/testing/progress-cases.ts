import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LaneName, ProgressRecord } from '../view-store.ts';
import { hostileNames, progressRecord, view } from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

const byLane = (a: ProgressRecord, b: ProgressRecord): number =>
  a.partition - b.partition || (a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : 0);

export function progressCases(t: StoreContext): void {
  const read = async (of = view as { view: string; version: number }): Promise<ProgressRecord[]> =>
    [...(await t.store.progress.read(of))].sort(byLane);

  it('E6: lets the larger next win, and at an equal one the later sign of life, in any order', async () => {
    let version = 1;
    const write = fc.record({ next: fc.nat(5), caughtUpAt: fc.option(fc.nat(5)) });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 15 }), fc.boolean(), async (writes, atOnce) => {
        version += 1;
        const records = writes.map((each) => progressRecord({ ...each, version, maxEventTime: each.next * 10 }));
        if (atOnce) await Promise.all(records.map((record) => t.store.progress.write([record])));
        else await t.store.progress.write(records);
        const alive = (record: ProgressRecord): number => record.caughtUpAt ?? -1;
        const best = [...records].sort((a, b) => b.next - a.next || alive(b) - alive(a))[0];
        expect(await read({ view: view.view, version })).toEqual([best]);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps every lane of every partition apart, and gives all of one view version', async () => {
    const lanes: LaneName[] = ['base', 'remainder:137', 'remainder:1370', 'wide:1', 'wide:2'];
    const records = [0, 1, 7].flatMap((partition) =>
      lanes.map((lane, i) => progressRecord({ partition, lane, next: 100 + i, lastLogTime: 5, maxEventTime: -3 })),
    );
    const other = progressRecord({ version: 2, next: 9_007_199_254_740_991, caughtUpAt: 1_800_000_000_000 });
    await t.store.progress.write([...records, other]);
    await t.reopen();
    expect(await read()).toEqual([...records].sort(byLane));
    expect(await read({ ...view, version: 2 })).toEqual([other]);
    expect(await read({ ...view, version: 3 })).toEqual([]);
  });

  it('forgets the lanes it is told to, also after reopening', async () => {
    const lanes: LaneName[] = ['base', 'remainder:37', 'remainder:137'];
    await t.store.progress.write(lanes.map((lane) => progressRecord({ lane, next: 200 })));
    await t.store.progress.write([progressRecord({ partition: 1, lane: 'remainder:37', next: 200 })]);
    await t.store.progress.remove(view, 0, ['remainder:37', 'remainder:99']);
    await t.store.progress.remove({ ...view, version: 2 }, 0, ['base']);
    await t.reopen();
    const left = (await read()).map(({ partition, lane }) => `${partition} ${lane}`);
    expect(left).toEqual(['0 base', '0 remainder:137', '1 remainder:37']);
  });

  it('tells hostile names apart and gives them back as they were', async () => {
    const records = hostileNames.map((name, next) => progressRecord({ view: name, next }));
    await t.store.progress.write(records);
    for (const [i, name] of hostileNames.entries())
      expect(await read({ view: name, version: 1 })).toEqual([records[i]]);
  });

  it('writes nothing when the signal was aborted before', async () => {
    const reason = new TypeError('no longer wanted');
    await expect(t.store.progress.write([progressRecord()], AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await read()).toEqual([]);
  });
}
