import { record } from '@twofold/event-log/testing';
import { verifyEmbeddedLog, type LogAudit } from '@twofold/event-log-embedded';
import { nodeFs, type FsFile } from '@twofold/service';
import { beforeAll, describe, expect, it } from 'vitest';
import { EndFile } from '../src/end-file.ts';
import { FaultyFs } from './faulty-fs.ts';
import { newFolder, openTestLog, removeFolder } from './make-log.ts';

const segmentBytes = 300;
const directory = '/data/log';
const folder = `${directory}/topics/a/0`;
const records = 24;

/** A frame or header of a segment: where it lies and which offsets are its own. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** The files of a log of several sealed segments and a newest one with more than one frame. */
let original = new Map<string, Uint8Array>();
let older: string[] = [];
let newest = '';

beforeAll(async () => {
  const fs = new FaultyFs();
  const log = await openTestLog(directory, { fs, segmentBytes });
  await log.ensureTopic('a', { partitions: 1 });
  for (let i = 0; i < records; i += 2) await log.append('a', [record('k', `${i}`), record('k', `${i + 1}`)]);
  await log.close();
  original = fs.files();
  older = [...original.keys()].filter((path) => path.startsWith(folder) && path.endsWith('.log')).sort();
  newest = older.pop() ?? '';
});

const bytesOf = (path: string): Buffer<ArrayBuffer> => Buffer.from(original.get(path) ?? []);
const baseOf = (path: string): number => Number(path.slice(-20, -4));
const nextOf = (path: string): number => baseOf([...older, newest][older.indexOf(path) + 1] ?? '');

/** Verifies the log with one file changed, or without it. */
function verify(path = '', bytes: Uint8Array | null = null): Promise<LogAudit> {
  const files = new Map(original);
  if (bytes !== null) files.set(path, bytes);
  else files.delete(path);
  return verifyEmbeddedLog({ directory, fs: FaultyFs.of(files) });
}

function flip(bytes: Uint8Array, at: number): Buffer<ArrayBuffer> {
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
  return flipped;
}

/** The frames of a segment that follow its header, by their own lengths. */
function framesOf(path: string): Piece[] {
  const bytes = bytesOf(path);
  const pieces: Piece[] = [];
  for (let at = 64; at < bytes.length;) {
    const from = bytes.readDoubleLE(at + 16);
    const end = at + bytes.readUInt32LE(at + 8);
    pieces.push({ start: at, end, from, to: from + bytes.readUInt32LE(at + 12) });
    at = end;
  }
  return pieces;
}

function bound(file: FsFile): FsFile {
  return {
    pread: (bytes, length, position) => file.pread(bytes, length, position),
    pwrite: (bytes, position) => file.pwrite(bytes, position),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    datasync: () => file.datasync(),
    sizeBytes: () => file.sizeBytes(),
    close: () => file.close(),
  };
}

describe('verification of a log', () => {
  it('finds nothing in one that is whole, and counts what it has', async () => {
    expect(older.length).toBeGreaterThanOrEqual(3);
    const { topics, faults, remarks } = await verify();
    expect([faults, remarks]).toEqual([[], []]);
    const [{ topic, partitions } = { topic: '', partitions: [] }] = topics;
    expect(topic).toBe('a');
    expect(partitions).toMatchObject([{ partition: 0, start: 0, end: records, segments: older.length + 1, records }]);
    const bytes = [...older, newest].reduce((sum, path) => sum + bytesOf(path).length, 0);
    expect(partitions[0]?.bytes).toBe(bytes);
  });

  it('names file, byte and offsets of every flipped bit, and nothing else', async () => {
    for (const path of [...older, newest]) {
      const header = { start: 0, end: 64, from: baseOf(path), to: path === newest ? records : nextOf(path) };
      for (const { start, end, from, to } of [header, ...framesOf(path)])
        for (let at = start; at < end; at++) {
          const { faults } = await verify(path, flip(bytesOf(path), at));
          const where = { topic: 'a', partition: 0, file: path, position: start, from, to };
          expect(faults, `${path} byte ${at}`).toEqual([
            { code: 'FILE_DAMAGED', detail: expect.any(String) as unknown, ...where },
          ]);
        }
    }
  }, 60_000);

  it('names every damaged stretch, not only the first', async () => {
    const [first = '', second = ''] = older;
    const frames = framesOf(first);
    const twice = flip(flip(bytesOf(first), (frames[0]?.start ?? 0) + 45), (frames.at(-2)?.start ?? 0) + 45);
    const files = new Map(original).set(first, twice).set(second, flip(bytesOf(second), 110));
    const { faults } = await verifyEmbeddedLog({ directory, fs: FaultyFs.of(files) });
    expect(faults.map(({ file, from, to }) => [file, from, to])).toEqual([
      [first, frames[0]?.from, frames[0]?.to],
      [first, frames.at(-2)?.from, frames.at(-2)?.to],
      [second, framesOf(second)[0]?.from, framesOf(second)[0]?.to],
    ]);
  });

  it('names a missing segment and the offsets that were in it, the newest as well', async () => {
    for (const path of [...older.slice(1), newest]) {
      const { faults } = await verify(path, null);
      const to = path === newest ? records : nextOf(path);
      const missing = { code: 'FILE_MISSING', file: path, topic: 'a', partition: 0, from: baseOf(path), to };
      expect(faults).toEqual([{ ...missing, position: null, detail: 'a segment is missing' }]);
    }
    const { faults, topics } = await verify(older[0], null);
    expect(faults).toEqual([]);
    expect(topics[0]?.partitions[0]?.start).toBe(baseOf(older[1] ?? ''));
  });

  it('names a file that was cut below what was acknowledged, wherever it was cut', async () => {
    for (const path of [...older, newest]) {
      const whole = bytesOf(path);
      for (let length = 64; length < whole.length; length++) {
        const { faults } = await verify(path, whole.subarray(0, length));
        const frame = framesOf(path).find(({ end }) => end > length);
        const to = path === newest ? records : nextOf(path);
        const place = { file: path, position: frame?.start, from: frame?.from, to };
        expect(faults, `${path} cut to ${length}`).toMatchObject([{ code: 'FILE_DAMAGED', ...place }]);
      }
    }
  });

  it('takes a torn tail of the newest segment for no damage, and one of an older for damage', async () => {
    const frame = bytesOf(newest).subarray(64, framesOf(newest)[0]?.end);
    for (let length = 1; length <= frame.length; length++) {
      const tail = frame.subarray(0, length);
      const { faults, remarks } = await verify(newest, Buffer.concat([bytesOf(newest), tail]));
      expect(faults).toEqual([]);
      expect(remarks).toEqual([{ code: 'TORN_TAIL', topic: 'a', partition: 0, file: newest, bytes: length }]);
      const [first = ''] = older;
      const sealed = await verify(first, Buffer.concat([bytesOf(first), tail]));
      expect(sealed.faults).toMatchObject([{ code: 'FILE_DAMAGED', file: first, position: bytesOf(first).length }]);
    }
  });

  it('judges the newest segment without an end file by what its frames say of one another', async () => {
    const files = new Map(original);
    files.delete(`${folder}/end`);
    for (const { start, from, to } of framesOf(newest)) {
      const damaged = new Map(files).set(newest, flip(bytesOf(newest), start + 45));
      const { faults, remarks } = await verifyEmbeddedLog({ directory, fs: FaultyFs.of(damaged) });
      const last = to === records;
      expect(faults.map((fault) => [fault.from, fault.to])).toEqual(last ? [] : [[from, to]]);
      expect(remarks.map(({ code }) => code)).toEqual(last ? ['END_UNREADABLE', 'TORN_TAIL'] : ['END_UNREADABLE']);
    }
  });

  it('says when the published end is at no edge of a frame', async () => {
    const fs = FaultyFs.of(original);
    const end = new EndFile(await fs.open(`${folder}/end`, 'write'));
    const published = await end.read();
    for (const [position, offset] of [
      [-8, 0],
      [0, -1],
    ]) {
      await end.write({
        segmentBase: baseOf(newest),
        position: (published?.position ?? 0) + (position ?? 0),
        end: records + (offset ?? 0),
      });
      const { faults } = await verifyEmbeddedLog({ directory, fs });
      expect(faults).toMatchObject([{ code: 'FILE_DAMAGED', file: newest, from: records, to: records }]);
      expect(faults[0]?.detail).toContain('at no frame');
    }
    await end.close();
  });

  it('names the small files when they are damaged or missing', async () => {
    for (const path of [`${directory}/log.json`, `${directory}/topics/a/topic.json`]) {
      expect((await verify(path, null)).faults).toMatchObject([{ code: 'FILE_MISSING', file: path }]);
      const { faults } = await verify(path, flip(bytesOf(path), 40));
      expect(faults).toMatchObject([{ code: 'FILE_DAMAGED', file: path }]);
    }
  });

  it('changes nothing', async () => {
    const fs = FaultyFs.of(new Map(original).set(newest, Buffer.concat([bytesOf(newest), Buffer.alloc(9)])));
    const before = fs.files();
    await verifyEmbeddedLog({ directory, fs });
    expect(fs.files()).toEqual(before);
  });
});

describe('verification beside a writer', () => {
  it('looks once more at what it met half written, when something later says that it was durable', async () => {
    const [frame] = framesOf(newest);
    const files = new Map(original);
    files.delete(`${folder}/end`);
    const fs = FaultyFs.of(files);
    let looks = 0;
    const open = async (path: string, mode: 'read' | 'write' | 'create'): Promise<FsFile> => {
      const file = await fs.open(path, mode);
      if (path !== newest) return file;
      const pread = async (bytes: Uint8Array, length: number, position: number): Promise<number> => {
        const read = await file.pread(bytes, length, position);
        if (position === frame?.start && looks++ === 0) bytes.fill(0, 0, 48);
        return read;
      };
      return { ...bound(file), pread };
    };
    const half = { open, stat: (path: string) => fs.stat(path), list: (path: string) => fs.list(path) };
    expect((await verifyEmbeddedLog({ directory, fs: half })).faults).toEqual([]);
    expect(looks).toBeGreaterThan(1);
  });

  it('finds no damage while records are appended, segments are begun and the oldest are trimmed', async () => {
    const place = await newFolder();
    const log = await openTestLog(place, { segmentBytes: 20_000 });
    await log.ensureTopic('a', { partitions: 2 });
    let stop = false;
    let appended = 0;
    const writing = (async () => {
      for (let i = 0; !stop; i++) {
        const group = Array.from({ length: 50 }, (_, n) => record(`key-${n}`, `${i}:${'x'.repeat(n)}`));
        await Promise.all([log.append('a', group), log.append('a', group.slice(0, 3))]);
        appended += 53;
        const [range] = await log.partitions('a');
        if (i % 20 === 19 && range !== undefined) await log.trim('a', 0, range.end - 2_000);
      }
    })();
    try {
      for (let look = 0; look < 30 || appended < 5_000; look++) {
        const { faults, topics } = await verifyEmbeddedLog({ directory: place, fs: nodeFs });
        expect(faults, `look ${look}`).toEqual([]);
        expect(topics[0]?.partitions.length).toBe(2);
      }
    } finally {
      stop = true;
      await writing;
      await log.close();
    }
    const { faults, remarks, topics } = await verifyEmbeddedLog({ directory: place, fs: nodeFs });
    expect([faults, remarks]).toEqual([[], []]);
    expect(topics[0]?.partitions.reduce((sum, { end }) => sum + end, 0)).toBe(appended);
    await removeFolder(place);
  }, 60_000);
});
