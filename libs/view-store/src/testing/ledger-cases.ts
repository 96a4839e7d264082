import { expect, it } from 'vitest';
import type { DeadLetter } from '../view-store.ts';
import { deadLetter, hostileNames, ledgerEntry } from './samples.ts';
import type { StoreContext } from './view-store-contract.ts';

export function ledgerCases(t: StoreContext): void {
  it('E10: lets the larger next of a slice win, however often and in whatever order it is written', async () => {
    const early = ledgerEntry({ next: 40, applied: 38, duplicate: 2 });
    const late = ledgerEntry({ next: 90, applied: 80, duplicate: 4, rejected: 5, control: 1 });
    const second = ledgerEntry({ slice: 1, next: 130, applied: 30 });
    await t.store.ledger.write([early], []);
    await t.store.ledger.write([late, second], []);
    await Promise.all([t.store.ledger.write([late], []), t.store.ledger.write([early], [])]);
    await t.reopen();
    expect(await t.store.ledger.read('readings', 0, 0, 10)).toEqual([late, second]);
    expect(await t.store.ledger.read('readings', 0, 1, 2)).toEqual([second]);
    expect(await t.store.ledger.read('readings', 0, 2, Infinity)).toEqual([]);
    expect(await t.store.ledger.read('readings', 1, 0, 10)).toEqual([]);
  });

  it('sums the slices of each partition of one stream', async () => {
    await t.store.ledger.write(
      [
        ledgerEntry({ slice: 4, next: 500, applied: 90, duplicate: 5, rejected: 3, control: 2 }),
        ledgerEntry({ slice: 5, next: 540, applied: 40 }),
        ledgerEntry({ partition: 2, next: 7, control: 7 }),
        ledgerEntry({ stream: 'other', next: 9, applied: 9 }),
      ],
      [],
    );
    expect(await t.store.ledger.totals('readings')).toEqual([
      ledgerEntry({ slice: 5, next: 540, applied: 130, duplicate: 5, rejected: 3, control: 2 }),
      ledgerEntry({ partition: 2, next: 7, control: 7 }),
    ]);
    expect(await t.store.ledger.totals('unknown')).toEqual([]);
  });

  it('keeps one dead letter a position and gives them newest first, page by page', async () => {
    const letters: DeadLetter[] = [];
    for (let i = 0; i < 57; i++)
      letters.push(deadLetter({ partition: i % 3, offset: i, logTime: 1_000 + Math.floor(i / 10), field: null }));
    await t.store.ledger.write([], letters.slice(0, 30));
    await t.store.ledger.write([ledgerEntry({ next: 57, rejected: 57 })], letters);
    await t.store.ledger.write([], [deadLetter({ stream: 'other', logTime: 9_000 })]);
    await t.reopen();
    const newestFirst = [...letters].sort(
      (a, b) => b.logTime - a.logTime || b.partition - a.partition || b.offset - a.offset,
    );
    expect(await t.store.ledger.deadLetters('readings', { limit: 1_000 })).toEqual(newestFirst);
    const paged: DeadLetter[] = [];
    for (let page = await t.store.ledger.deadLetters('readings', { limit: 10 }); page.length > 0;) {
      paged.push(...page);
      const { partition, offset } = page.at(-1) ?? deadLetter();
      page = await t.store.ledger.deadLetters('readings', { limit: 10, before: { partition, offset } });
    }
    expect(paged).toEqual(newestFirst);
  });

  it('gives nothing before a dead letter that is not there', async () => {
    await t.store.ledger.write([], [deadLetter()]);
    const before = { partition: 0, offset: 99 };
    expect(await t.store.ledger.deadLetters('readings', { limit: 5, before })).toEqual([]);
    expect(await t.store.ledger.deadLetters('unknown', { limit: 5 })).toEqual([]);
  });

  it('E21: drops the dead letters below an offset for good, and no others', async () => {
    const letters = [3, 8, 20].flatMap((offset) => [0, 1].map((partition) => deadLetter({ partition, offset })));
    await t.store.ledger.write([], [...letters, deadLetter({ stream: 'other', offset: 3 })]);
    expect(await t.store.ledger.dropDeadLetters('readings', 1, 9)).toBe(2);
    // Late, and of a position that had none; then one at the edge.
    await t.store.ledger.write([], [...letters, deadLetter({ partition: 1, offset: 5 })]);
    await t.store.ledger.write([], [deadLetter({ partition: 1, offset: 9 })]);
    await t.reopen();
    expect(await t.store.ledger.dropDeadLetters('readings', 1, 4)).toBe(0);
    await t.store.ledger.write([], letters);
    const left = await t.store.ledger.deadLetters('readings', { limit: 9 });
    const places = left.map(({ partition, offset }) => `${partition}:${offset}`).sort();
    expect(places).toEqual(['0:20', '0:3', '0:8', '1:20', '1:9']);
    expect(await t.store.ledger.deadLetters('other', { limit: 9 })).toHaveLength(1);
  });

  it('tells hostile stream names and details apart and gives them back as they were', async () => {
    const entries = hostileNames.map((stream, applied) => ledgerEntry({ stream, next: applied, applied }));
    const letters = hostileNames.map((stream) => deadLetter({ stream, detail: stream, field: stream }));
    await t.store.ledger.write(entries, letters);
    for (const [i, stream] of hostileNames.entries()) {
      expect(await t.store.ledger.totals(stream)).toEqual([entries[i]]);
      expect(await t.store.ledger.deadLetters(stream, { limit: 9 })).toEqual([letters[i]]);
    }
  });
}
