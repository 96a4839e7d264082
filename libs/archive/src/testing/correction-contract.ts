import { expect, it } from 'vitest';
import { correctionName } from '../correction-link.ts';
import type { StoredCorrection } from '../correction-shelf.ts';
import { verifyCorrections } from '../verify-corrections.ts';
import type { ColumnArchive } from '../archived-columns.ts';
import { makeRows } from './archive-fixtures.ts';
import { refusal, stream, writeFile, type MakeArchive } from './archive-harness.ts';

function correction(number: number, more: Partial<StoredCorrection> = {}): StoredCorrection {
  return {
    ...{ format: 1, number, id: `c${number}`, stream: stream.name, kind: 'retract', reverts: null },
    ...{ reason: 'r', ticket: null, author: 'a', approver: null, idempotencyKey: `k${number}` },
    ...{ plannedAt: 5, asked: 'x', cut: [10], targets: null, added: null, touched: [[0, 60_000]], fingerprint: 'f' },
    ...more,
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function faults(archive: ColumnArchive): Promise<string[]> {
  const found: string[] = [];
  for await (const { code, name } of verifyCorrections(archive, stream.name)) found.push(`${code} ${name}`);
  return found;
}

/** The corrections of a stream, beside its manifests. */
export function correctionContract(make: MakeArchive): void {
  it('E20: keeps corrections in order, each number once, whoever appends', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const [mine, theirs] = [archive.corrections(stream.name), reopen().corrections(stream.name)];
    expect(await mine.list()).toEqual([]);
    const won = await Promise.all([
      mine.append(correction(0)),
      theirs.append(correction(0, { id: 'other', idempotencyKey: 'other' })),
    ]);
    expect(won.filter(Boolean)).toHaveLength(1);
    const [first] = await mine.list();
    expect(await theirs.list()).toEqual([first]);
    expect(await mine.append(correction(2))).toBe(false);
    expect(await theirs.append(correction(1))).toBe(true);
    expect(await mine.list()).toEqual([first, correction(1)]);
    expect(await reopen().corrections(stream.name).list()).toEqual([first, correction(1)]);
    expect(await faults(reopen())).toEqual([]);
  });

  it('settles an append whose outcome was unknown when it is repeated, also when others came after it', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const shelf = archive.corrections(stream.name);
    await shelf.append(correction(0));
    expect(await shelf.append(correction(0))).toBe(true);
    await reopen().corrections(stream.name).append(correction(1));
    expect(await shelf.append(correction(0))).toBe(true);
    expect(await shelf.append(correction(0, { reason: 'another' }))).toBe(false);
    expect((await shelf.list()).map(({ reason }) => reason)).toEqual(['r', 'r']);
  });

  it('refuses a chain with a link that was changed, is missing or is of a newer format', async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const shelf = archive.corrections(stream.name);
    for (let number = 0; number < 3; number++) await shelf.append(correction(number));
    const name = correctionName(stream.name, 1);
    const whole = (await stored.get(name)) ?? new Uint8Array(0);
    const list = (): Promise<string> => refusal(reopen().corrections(stream.name).list());
    const text = new TextDecoder().decode(whole);
    await stored.put(name, bytes(text.replace('"asked":"x"', '"asked":"y"')));
    expect(await list()).toBe('MANIFEST_DAMAGED');
    expect(await faults(reopen())).toEqual([`MANIFEST_DAMAGED ${name}`]);
    await stored.put(name, (await stored.get(correctionName(stream.name, 2))) ?? new Uint8Array(0));
    expect(await list()).toBe('MANIFEST_DAMAGED');
    await stored.remove(name);
    expect(await list()).toBe('MANIFEST_MISSING');
    await stored.put(name, whole);
    expect(await list()).toBe('no refusal');
  });

  it('never overwrites a document, and knows none of another stream', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const shelf = archive.corrections(stream.name);
    expect(await shelf.putDocument('plan-a.json', bytes('one'))).toBe(true);
    expect(await shelf.putDocument('plan-a.json', bytes('two'))).toBe(false);
    expect(await reopen().corrections(stream.name).getDocument('plan-a.json')).toEqual(bytes('one'));
    expect(await archive.corrections('others').getDocument('plan-a.json')).toBeNull();
  });

  it('E5: remembers what was in force last, of the last store that said so', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const [mine, theirs] = [archive.corrections(stream.name), reopen().corrections(stream.name)];
    expect(await mine.lastInForce()).toEqual([]);
    await mine.noteInForce({ incarnation: 'one', sequence: 7, list: ['a'] });
    await theirs.noteInForce({ incarnation: 'one', sequence: 9, list: ['a', 'b'] });
    // Late: it speaks of an older row.
    await mine.noteInForce({ incarnation: 'one', sequence: 8, list: ['a', 'c'] });
    expect(await reopen().corrections(stream.name).lastInForce()).toEqual(['a', 'b']);
    await mine.noteInForce({ incarnation: 'two', sequence: 1, list: ['a'] });
    expect(await theirs.lastInForce()).toEqual(['a']);
    await theirs.noteInForce({ incarnation: 'two', sequence: 2, list: [] });
    expect(await reopen().corrections(stream.name).lastInForce()).toEqual([]);
  });

  it('names added rows that are not what was written', async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const file = await writeFile(archive, makeRows(3, 0, 0, 20, 0));
    await archive.corrections(stream.name).append(correction(0, { kind: 'add', added: { rows: 20, file } }));
    expect(await faults(reopen())).toEqual([]);
    await stored.remove(file.name);
    expect(await faults(reopen())).toEqual([`FILE_MISSING ${file.name}`]);
    await archive.corrections(stream.name).append(correction(1, { targets: { count: 1, sha256: 'none' } }));
    expect(await faults(reopen())).toEqual([
      `FILE_MISSING ${file.name}`,
      `FILE_MISSING ${stream.name}.corrections/documents/targets-none.json`,
    ]);
  });
}
