import { readAll, record } from '@twofold/event-log/testing';
import type { TornTail } from '@twofold/event-log-embedded';
import { crc32c } from '@twofold/service';
import { beforeAll, describe, expect, it } from 'vitest';
import { FaultyFs } from './faulty-fs.ts';
import { openTestLog } from './make-log.ts';

/** Values of each append, appended three times over. */
const appends = [['one', 'two'], ['three'], ['four', 'five', 'six']];
const expected = [...appends, ...appends, ...appends].flat();
const segmentBytes = 300;
const directory = '/data/log';
const folder = `${directory}/topics/a/0`;

/** The files of a log of several sealed segments and a newest one with more than one frame. */
let original = new Map<string, Uint8Array>();
let older: string[] = [];
let newest = '';

beforeAll(async () => {
  const fs = new FaultyFs();
  const log = await openTestLog(directory, { fs, segmentBytes });
  await log.ensureTopic('a', { partitions: 1 });
  for (const values of [...appends, ...appends, ...appends]) {
    await log.append(
      'a',
      values.map((value) => record('k', value)),
    );
  }
  await log.close();
  original = fs.files();
  older = [...original.keys()].filter((path) => path.startsWith(folder) && path.endsWith('.log')).sort();
  newest = older.pop() ?? '';
});

/** The log with one file changed, or without it. */
function changed(path: string, bytes: Uint8Array | null): FaultyFs {
  const files = new Map(original);
  if (bytes === null) files.delete(path);
  else files.set(path, bytes);
  return FaultyFs.of(files);
}

function bytesOf(path: string): Buffer<ArrayBuffer> {
  return Buffer.from(original.get(path) ?? []);
}

function flip(bytes: Uint8Array, at: number): Buffer<ArrayBuffer> {
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
  return flipped;
}

/** What comes of opening a log and reading all of it. */
async function outcomeOf(fs: FaultyFs) {
  const tails: TornTail[] = [];
  let values: (string | null)[] = [];
  try {
    const log = await openTestLog(directory, { fs, segmentBytes, onTornTail: (tail) => tails.push(tail) });
    try {
      values = (await readAll(log, 'a', 0, 0)).map((each) => each.value);
    } finally {
      await log.close();
    }
    return { code: 'none', facts: {}, values, tails };
  } catch (error) {
    const { code = 'other', facts = {} } = error as { code?: string; facts?: Readonly<Record<string, unknown>> };
    return { code, facts, values, tails };
  }
}

/** What a sender could put into a record: a frame that says of itself that it was written much later, but has no salt. */
function forgedFrame(): Buffer<ArrayBuffer> {
  const frame = Buffer.alloc(56);
  frame.writeUInt32LE(0x31524654, 0);
  frame.writeUInt32LE(frame.length, 8);
  frame.writeUInt32LE(1, 12);
  frame.writeDoubleLE(1_000, 16);
  frame.writeUInt32LE(0xffffffff, 32);
  frame.writeUInt32LE(crc32c(frame.subarray(8)), 4);
  return frame;
}

describe('a damaged log', () => {
  it('is made of several segments, so that the tests here mean something', async () => {
    expect(older.length).toBeGreaterThanOrEqual(2);
    expect(framesOf(newest).length).toBeGreaterThanOrEqual(2);
    expect(await outcomeOf(FaultyFs.of(original))).toEqual({ code: 'none', facts: {}, values: expected, tails: [] });
  });

  it('is refused for every byte flipped in acknowledged records, naming file and offsets, and is left as it is', async () => {
    for (const path of [...older, newest]) {
      for (let at = 0; at < bytesOf(path).length; at++) {
        const flipped = flip(bytesOf(path), at);
        const fs = changed(path, flipped);
        const { code, facts, values } = await outcomeOf(fs);
        expect([code, facts['file'], values], `${path} byte ${at}`).toEqual(['LOG_DAMAGED', path, []]);
        expect(facts['from']).toBeGreaterThanOrEqual(Number(path.slice(-20, -4)));
        expect(facts['from']).toBeLessThan(expected.length);
        expect(fs.files().get(path)).toEqual(flipped);
      }
    }
  }, 60_000);

  it('is refused wherever a file is cut below what was acknowledged', async () => {
    for (const path of [...older, newest]) {
      const bytes = bytesOf(path);
      for (let length = 0; length < bytes.length; length++) {
        const fs = changed(path, bytes.subarray(0, length));
        const { code, facts } = await outcomeOf(fs);
        expect([code, facts['file']], `${path} cut to ${length}`).toEqual(['LOG_DAMAGED', path]);
        expect(fs.files().get(path)?.length).toBe(length);
      }
    }
  }, 60_000);

  it('is refused when a segment is missing, unless retention may have taken it', async () => {
    const [oldest = '', ...others] = older;
    for (const path of [...others, newest]) expect((await outcomeOf(changed(path, null))).code).toBe('LOG_DAMAGED');
    expect(await outcomeOf(changed(oldest, null))).toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      facts: { start: Number(older[1]?.slice(-20, -4)), end: expected.length },
    });
  });

  it('has what follows the acknowledged records cut off, whatever it is, and says how much', async () => {
    const bytes = bytesOf(newest);
    const frame = bytes.subarray(64, framesOf(newest)[1]);
    const tails = [
      Buffer.alloc(1),
      Buffer.alloc(4_096),
      Buffer.from('garbage that is longer than the header of a frame'),
    ];
    tails.push(Buffer.concat([Buffer.alloc(8), forgedFrame()]));
    for (let length = 1; length <= frame.length; length++) tails.push(frame.subarray(0, length));
    for (const tail of tails) {
      const fs = changed(newest, Buffer.concat([bytes, tail]));
      const cut = { topic: 'a', partition: 0, file: newest, offset: expected.length, bytes: tail.length };
      expect(await outcomeOf(fs)).toEqual({ code: 'none', facts: {}, values: expected, tails: [cut] });
      expect(fs.files().get(newest)?.length).toBe(bytes.length);
    }
  });
});

/** Positions of a segment's frames. */
function framesOf(path: string): number[] {
  const bytes = bytesOf(path);
  const found: number[] = [];
  for (let at = 64; at < bytes.length; at += bytes.readUInt32LE(at + 8)) found.push(at);
  return found;
}

describe('a damaged log whose end file a loss of power took', () => {
  async function outcomeWithoutEnd(bytes: Uint8Array) {
    const files = new Map(original).set(newest, bytes);
    files.delete(`${folder}/end`);
    return outcomeOf(FaultyFs.of(files));
  }

  it('loses what is flipped in its last append alone, and is refused for a flip before that', async () => {
    const last = framesOf(newest).at(-1) ?? 0;
    for (let at = 64; at < bytesOf(newest).length; at++) {
      const { code, values, tails } = await outcomeWithoutEnd(flip(bytesOf(newest), at));
      if (at < last) expect(code, `flip at ${at}`).toBe('LOG_DAMAGED');
      else expect([code, values, tails.length]).toEqual(['none', expected.slice(0, -appends.flat().length + 3), 1]);
    }
  });

  it('keeps the whole frames before a cut', async () => {
    const frames = framesOf(newest);
    for (let at = 64; at < bytesOf(newest).length; at++) {
      const { code, values, tails } = await outcomeWithoutEnd(bytesOf(newest).subarray(0, at));
      expect([code, tails.length]).toEqual(['none', frames.includes(at) ? 0 : 1]);
      expect(values).toEqual(expected.slice(0, values.length));
    }
  });

  it('is what it was when nothing else is wrong, also with an end file that can not be read', async () => {
    const whole = { code: 'none', values: expected, tails: [] };
    expect(await outcomeWithoutEnd(bytesOf(newest))).toMatchObject(whole);
    for (let at = 0; at < 40; at++) {
      const fs = changed(`${folder}/end`, flip(bytesOf(`${folder}/end`), at));
      expect(await outcomeOf(fs), `end byte ${at}`).toMatchObject(whole);
    }
  });
});

describe('the small files of a log', () => {
  it('are refused when a byte of them is changed, and left as they are', async () => {
    for (const path of [`${directory}/log.json`, `${directory}/topics/a/topic.json`]) {
      for (let at = 0; at < bytesOf(path).length - 1; at++) {
        const flipped = flip(bytesOf(path), at);
        const fs = changed(path, flipped);
        const { code, facts } = await outcomeOf(fs);
        expect(['LOG_DAMAGED', 'LOG_FORMAT_UNKNOWN'], `${path} byte ${at}`).toContain(code);
        expect(facts['file']).toBe(path);
        expect(fs.files().get(path)).toEqual(flipped);
      }
    }
  });

  it('of a newer format are refused with both numbers and what to do', async () => {
    const path = `${directory}/log.json`;
    const newer = Buffer.from(bytesOf(path).toString().replace('"format":1', '"format":2'));
    await expect(openTestLog(directory, { fs: changed(path, newer) })).rejects.toMatchObject({
      code: 'LOG_FORMAT_UNKNOWN',
      message:
        `"${path}" has format 2; this version of Twofold knows format 1. Nothing was changed; ` +
        'use the version that wrote it',
      facts: { file: path, found: 2, known: 1 },
    });
  });

  it('that name a topic are not made anew over records that are there', async () => {
    const path = `${directory}/topics/a/topic.json`;
    const fs = changed(path, null);
    const log = await openTestLog(directory, { fs });
    await expect(log.ensureTopic('a', { partitions: 1 })).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    await log.close();
    const mended = FaultyFs.of(fs.files().set(path, bytesOf(path)));
    expect(await outcomeOf(mended)).toMatchObject({ code: 'none', values: expected });
  });

  it('may have files of others beside them, which are no topics and no segments', async () => {
    const files = new Map(original);
    for (const path of [`${directory}/topics/x/note.txt`, `${folder}/note.txt`]) files.set(path, Buffer.from('hello'));
    expect(await outcomeOf(FaultyFs.of(files))).toMatchObject({ code: 'none', values: expected });
  });
});
