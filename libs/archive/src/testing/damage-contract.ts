import { expect, it } from 'vitest';
import { sha256 } from '../content-hash.ts';
import { manifestFormat, manifestName, redactedFormat } from '../manifest.ts';
import { freshSeed, makeRows, seededRandom } from './archive-fixtures.ts';
import { commitAll, faultsOf, filled, readAll, refusal, stream, writeFile } from './archive-harness.ts';
import type { ArchiveHarness, MakeArchive, StoredBytes } from './archive-harness.ts';

/** D2, D3, D6, D8: whatever happens to stored bytes is named, and nobody computes with it. */
export function damageContract(make: MakeArchive): void {
  it('verifies clean while nothing is wrong', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    await filled(archive, 3, 1);
    expect([await faultsOf(archive), await faultsOf(reopen())]).toEqual([[], []]);
  });

  it('names a missing file, and refuses to read it', async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const { files } = await filled(archive, 3, 5);
    const [, lost] = files;
    if (lost === undefined) return expect.unreachable();
    await stored.remove(lost.name);
    expect(await faultsOf(reopen())).toEqual([['FILE_MISSING', lost.name]]);
    expect(await refusal(reopen().read(stream, lost, lost.from, lost.to))).toBe('FILE_MISSING');
    expect(await refusal(reopen().readColumns(stream, lost))).toBe('FILE_MISSING');
    expect(await archive.checkFile(stream.name, lost)).toMatchObject({
      code: 'FILE_MISSING',
      partition: 0,
      from: 140,
      to: 180,
    });
  });

  it('detects truncation at 0, 4, half, size - 8 and size - 1', async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const { files } = await filled(archive, 1, 6);
    const [file] = files;
    if (file === undefined) return expect.unreachable();
    const whole = await bytesOf(stored, file.name);
    const half = Math.floor(whole.length / 2);
    for (const length of [0, 4, half, whole.length - 8, whole.length - 1]) {
      await stored.put(file.name, whole.slice(0, length));
      expect(await faultsOf(reopen()), `cut at ${length}`).toEqual([['FILE_DAMAGED', file.name]]);
      expect(await refusal(reopen().read(stream, file, file.from, file.to))).toBe('FILE_DAMAGED');
      expect(await refusal(reopen().readColumns(stream, file))).toBe('FILE_DAMAGED');
    }
  });

  it('detects every single flipped bit of a file', { timeout: 30_000 }, async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const { files } = await filled(archive, 1, 7);
    const [file] = files;
    if (file === undefined) return expect.unreachable();
    const whole = await bytesOf(stored, file.name);
    const seed = freshSeed();
    const random = seededRandom(seed);
    for (let flip = 0; flip < 400; flip++) {
      const at = Math.floor(random() * whole.length);
      const bit = Math.floor(random() * 8);
      await stored.put(file.name, flipped(whole, at, bit));
      const found = await archive.checkFile(stream.name, file);
      expect(found?.code, `seed ${seed}: bit ${bit} of byte ${at}`).toBe('FILE_DAMAGED');
      if (flip % 20 === 0) expect(await refusal(reopen().readColumns(stream, file))).toBe('FILE_DAMAGED');
    }
    await stored.put(file.name, whole);
    expect(await archive.checkFile(stream.name, file)).toBeNull();
  });

  it('does not go on reading a file, read before, that a check has found damaged', async () => {
    const { archive, stored } = await make({ keepBytes: true });
    const { files } = await filled(archive, 1, 14);
    const [file] = files;
    if (file === undefined) return expect.unreachable();
    await archive.readColumns(stream, file);
    const whole = await bytesOf(stored, file.name);
    await stored.put(file.name, flipped(whole, whole.length >> 1, 3));
    expect((await archive.checkFile(stream.name, file))?.code).toBe('FILE_DAMAGED');
    expect(await refusal(archive.readColumns(stream, file))).toBe('FILE_DAMAGED');
  });

  it('detects every single flipped bit and every truncation of a manifest', { timeout: 30_000 }, async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    await filled(archive, 3, 8);
    const seed = freshSeed();
    const random = seededRandom(seed);
    for (const number of [0, 1, 2]) {
      const name = manifestName(stream.name, number);
      const whole = await bytesOf(stored, name);
      for (let flip = 0; flip < 100; flip++) {
        const at = Math.floor(random() * whole.length);
        const bit = Math.floor(random() * 8);
        await stored.put(name, flipped(whole, at, bit));
        expect(await refusal(reopen().head(stream.name)), `seed ${seed}: ${name} byte ${at} bit ${bit}`).toBe(
          'MANIFEST_DAMAGED',
        );
      }
      for (const length of [0, 4, whole.length >> 1, whole.length - 1]) {
        await stored.put(name, whole.slice(0, length));
        expect(await refusal(reopen().head(stream.name))).toBe('MANIFEST_DAMAGED');
        expect(await faultsOf(reopen())).toContainEqual(['MANIFEST_DAMAGED', name]);
      }
      await stored.put(name, whole);
    }
    expect(await faultsOf(reopen())).toEqual([]);
  });

  it('names a missing manifest, one that stands in another’s place, and one that was edited with care', async () => {
    const harness = await make({ keepBytes: true });
    await filled(harness.archive, 4, 9);
    const { stored } = harness;
    const names = [0, 1, 2, 3].map((number) => manifestName(stream.name, number));
    const [first = '', second = '', third = ''] = names;
    const whole = await bytesOf(stored, second);
    await stored.remove(second);
    await refusesWith(harness, 'MANIFEST_MISSING', second);
    await stored.put(second, await bytesOf(stored, first));
    await refusesWith(harness, 'MANIFEST_DAMAGED', second);
    await stored.put(second, await bytesOf(stored, third));
    await refusesWith(harness, 'MANIFEST_DAMAGED', second);
    // Valid in itself, but the next link was made from other bytes.
    await stored.put(
      second,
      resealed(whole, (body) => body.replace('"kind":"delta"', '"kind": "delta"')),
    );
    await refusesWith(harness, 'MANIFEST_DAMAGED', third);
    await stored.put(second, whole);
    expect(await faultsOf(harness.reopen())).toEqual([]);
  });

  it('names a hole that a well-formed manifest makes', async () => {
    const harness = await make({ keepBytes: true });
    const { state } = await filled(harness.archive, 1, 10);
    const far = await writeFile(harness.archive, makeRows(11, 0, 500, 20));
    const near = await writeFile(harness.archive, makeRows(12, 0, 140, 20));
    await harness.archive.commit(state, { add: [near] });
    const name = manifestName(stream.name, 1);
    const forged = resealed(await bytesOf(harness.stored, name), (body) => {
      const manifest = JSON.parse(body) as Record<string, unknown>;
      return `${JSON.stringify({ ...manifest, files: [far] })}\n`;
    });
    await harness.stored.put(name, forged);
    await refusesWith(harness, 'COVERAGE_HOLE', name);
  });

  it('refuses a newer format by name, and leaves it as it is', async () => {
    const harness = await make({ keepBytes: true });
    await filled(harness.archive, 2, 13);
    const name = manifestName(stream.name, 1);
    const newer = resealed(await bytesOf(harness.stored, name), (body) =>
      body.replace(`"format":${manifestFormat}`, `"format":${redactedFormat + 1}`),
    );
    await harness.stored.put(name, newer);
    await refusesWith(harness, 'FORMAT_UNKNOWN', name);
    expect(await harness.stored.get(name)).toEqual(newer);
  });

  it('finds several faults in one pass, also after a broken link', { timeout: 30_000 }, async () => {
    const { archive, reopen, stored } = await make({ keepBytes: true });
    const files = [];
    for (let i = 0; i < 70; i++) files.push(await writeFile(archive, makeRows(i, 0, i * 2, 2)));
    const state = await commitAll(archive, files, [0]);
    const lost = files[10]?.name ?? '';
    await stored.remove(lost);
    await stored.remove(manifestName(stream.name, 5));
    const faults = await faultsOf(reopen());
    expect(faults).toEqual([
      ['MANIFEST_MISSING', manifestName(stream.name, 5)],
      ['FILE_MISSING', lost],
    ]);
    // The newest full manifest holds everything that is needed to go on reading.
    expect((await reopen().head(stream.name)).number).toBe(state.number);
    await expect(readAll(reopen(), state)).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });
}

async function refusesWith(harness: ArchiveHarness, code: string, name: string): Promise<void> {
  await expect(harness.reopen().head(stream.name)).rejects.toMatchObject({ code });
  const faults = await faultsOf(harness.reopen());
  expect(faults[0]).toEqual([code, name]);
}

async function bytesOf(stored: StoredBytes, name: string): Promise<Uint8Array> {
  const bytes = await stored.get(name);
  if (bytes === null) throw new RangeError(`${name} is not stored`);
  return bytes;
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}

/** A manifest with another body and a hash that fits it. */
function resealed(bytes: Uint8Array, edit: (body: string) => string): Uint8Array {
  const body = edit(new TextDecoder().decode(bytes.subarray(65)));
  return new TextEncoder().encode(`${sha256(body)}\n${body}`);
}
