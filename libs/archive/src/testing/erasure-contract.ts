import { RecordClass } from '@twofold/schemas';
import { expect, it } from 'vitest';
import { archivedRecords } from '../archived-records.ts';
import { blanksName, encodeBlanks } from '../blank-positions.ts';
import { sha256 } from '../content-hash.ts';
import { correctionName } from '../correction-link.ts';
import type { StoredCorrection } from '../correction-shelf.ts';
import { redactedFormat } from '../manifest.ts';
import { verifyCorrections } from '../verify-corrections.ts';
import { faultsOf, filled, readAll, refusal, stream, type MakeArchive } from './archive-harness.ts';
import { describeArchived } from './file-contract.ts';

const text = new TextEncoder();

function correction(number: number, more: Partial<StoredCorrection> = {}): StoredCorrection {
  return {
    ...{ format: 1, number, id: `c${number}`, stream: stream.name, kind: 'retract', reverts: null },
    ...{ reason: `why ${number}`, ticket: 't', author: 'ann', approver: 'bob', idempotencyKey: `k${number}` },
    ...{ plannedAt: 5, asked: `what ${number}`, cut: [10], targets: null, added: null, touched: [], fingerprint: 'f' },
    ...more,
  };
}

/** Of a record, whose first value it is, or of a row as it is described. */
function offsetOf(described: unknown): number {
  const values: readonly unknown[] = Array.isArray(described) ? described : Object.values(described ?? {});
  return Number(values[0]);
}

/** What a redaction needs of an archive (E21). */
export function erasureContract(make: MakeArchive): void {
  it('E21: writes a file anew without some records, whose positions are control; the others stay as they were', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const { state, files } = await filled(archive, 2, 31);
    const [file] = files;
    if (file === undefined) return expect.unreachable();
    const isErased = (offset: number): boolean => offset % 3 === 0 || offset >= 135;
    const fresh = await archive.eraseRows(stream, file, isErased);
    expect([fresh.partition, fresh.from, fresh.to]).toEqual([file.partition, file.from, file.to]);
    const before = await archive.readColumns(stream, file);
    const erased = [...before.offsets].filter(isErased).length;
    expect(erased).toBeGreaterThan(5);
    expect(fresh.counts.control).toBe(file.counts.control + erased);
    expect(fresh.records).toBe(file.records - erased);
    const next = await archive.commit(state, { add: [fresh], remove: [file.name], redactions: [0] });
    if (next === null) return expect.unreachable();
    const kept = (await readAll(archive, state)).filter((row) => offsetOf(row) >= file.to || !isErased(offsetOf(row)));
    expect(await readAll(reopen(), next)).toEqual(kept);
    const rowsOf = (columns: typeof before): unknown[] => describeArchived(columns) as unknown[];
    expect(rowsOf(await archive.readColumns(stream, fresh))).toEqual(
      rowsOf(before).filter((row) => !isErased(offsetOf(row))),
    );
    expect(await faultsOf(reopen())).toEqual([]);
    // What is left is compacted like anything else.
    const merged = await archive.compact(stream, next.files);
    expect(merged.counts.control).toBe(next.files.reduce((sum, { counts }) => sum + counts.control, 0));
  });

  it('E21: writes a file without any record when all are erased', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const { state, files } = await filled(archive, 1, 32);
    const [file] = files;
    if (file === undefined) return expect.unreachable();
    const fresh = await archive.eraseRows(stream, file, () => true);
    const { length } = { length: file.to - file.from };
    expect(fresh).toMatchObject({ records: 0, counts: { control: length }, minEventTime: null, maxEventTime: null });
    const next = await archive.commit(state, { add: [fresh], remove: [file.name] });
    if (next === null) return expect.unreachable();
    expect(await readAll(reopen(), next)).toEqual([]);
    expect((await archive.readColumns(stream, fresh)).count).toBe(0);
  });

  it('E21: a manifest names the redactions for good, in a format that earlier releases refuse', async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const { state } = await filled(archive, 1, 33);
    expect(state.redactions).toEqual([]);
    let head = await archive.commit(state, { add: [], redactions: [4] });
    for (let i = 0; i < 70 && head !== null; i++)
      head = await archive.commit(head, { add: [], ...(i === 40 ? { redactions: [2] } : {}) });
    expect(head?.redactions).toEqual([2, 4]);
    expect((await reopen().head(stream.name)).redactions).toEqual([2, 4]);
    expect((await reopen().stateAt(stream.name, state.number + 1)).redactions).toEqual([4]);
    const last = await stored.get(`${stream.name}/manifests/${String(head?.number).padStart(12, '0')}.json`);
    expect(new TextDecoder().decode(last ?? new Uint8Array(0))).toContain(`"format":${redactedFormat},`);
  });

  it('E21: gives what was erased of a partition, as the redactions in effect say', async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const { state } = await filled(archive, 1, 34);
    const shelf = archive.corrections(stream.name);
    const blanks = new Map([
      [
        0,
        [
          { offset: 130, class: RecordClass.rejected, id: null },
          { offset: 104, class: RecordClass.applied, id: '["x"]' },
        ],
      ],
    ]);
    const bytes = encodeBlanks(blanks, 'key');
    const hash = sha256(bytes);
    expect(new TextDecoder().decode(bytes)).not.toContain('"x"');
    await shelf.putDocument(blanksName(hash), bytes);
    await shelf.append(
      correction(0, { kind: 'redact', erases: { blanks: hash, lastLogTime: 5, added: [], links: [] } }),
    );
    const records = archivedRecords(reopen(), () => stream);
    expect(await records.blanks('t', 0)).toEqual([]);
    await archive.commit(state, { add: [], redactions: [0] });
    const [found] = await records.blanks('t', 0);
    expect(found?.offsets).toEqual([104, 130]);
    expect(found?.ids).toEqual([found?.hashOf('["x"]'), null]);
    expect(await records.blanks('t', 1)).toEqual([]);
    await stored.put(`${stream.name}.corrections/documents/${blanksName(hash)}`, text.encode('{}'));
    expect(await refusal(archivedRecords(reopen(), () => stream).blanks('t', 0))).toBe('FILE_DAMAGED');
    const faults: string[] = [];
    for await (const { code } of verifyCorrections(reopen(), stream.name)) faults.push(code);
    expect(faults).toEqual(['FILE_DAMAGED']);
  });

  it('E21: a link loses its words and the chain can still be followed; nobody else may take them', async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const shelf = archive.corrections(stream.name);
    for (let number = 0; number < 3; number++) await shelf.append(correction(number));
    const links = await shelf.erasedLinks([1, 7]);
    expect(links.map(({ number }) => number)).toEqual([1]);
    const whole = await stored.get(correctionName(stream.name, 1));
    // Without a link that says so, one without words is a fault.
    await reopen().corrections(stream.name).eraseLinks(links);
    expect(await refusal(reopen().corrections(stream.name).list())).toBe('MANIFEST_DAMAGED');
    await stored.put(correctionName(stream.name, 1), whole ?? new Uint8Array(0));
    await shelf.append(correction(3, { kind: 'redact', erases: { blanks: 'none', lastLogTime: 5, added: [], links } }));
    await reopen().corrections(stream.name).eraseLinks(links);
    await reopen().corrections(stream.name).eraseLinks(links);
    expect(await stored.get(correctionName(stream.name, 1))).toBeNull();
    const list = await reopen().corrections(stream.name).list();
    expect(list.map(({ reason }) => reason)).toEqual(['why 0', '(erased)', 'why 2', 'why 3']);
    expect(list[1]).toMatchObject({ id: 'c1', kind: 'retract', touched: [], asked: '(erased)' });
    expect(await reopen().corrections(stream.name).append(correction(4))).toBe(true);
    expect(await reopen().corrections(stream.name).erasedLinks([1, 3])).toEqual([]);
  });

  it('E21: documents are listed and removed, again and again', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const shelf = archive.corrections(stream.name);
    expect(await shelf.listDocuments()).toEqual([]);
    await shelf.putDocument('plan-a.json', text.encode('a'));
    await shelf.putDocument('diff-b.json', text.encode('b'));
    expect([...(await reopen().corrections(stream.name).listDocuments())].sort()).toEqual([
      'diff-b.json',
      'plan-a.json',
    ]);
    await shelf.removeDocument('diff-b.json');
    await shelf.removeDocument('diff-b.json');
    expect(await reopen().corrections(stream.name).listDocuments()).toEqual(['plan-a.json']);
  });
}
