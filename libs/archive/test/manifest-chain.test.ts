import { createManifestChain, createMemoryBlobs, decodeManifest, encodeManifest, manifestName } from '@twofold/archive';
import type { Blobs } from '@twofold/archive';
import { describe, expect, it } from 'vitest';

/** Blobs that count reads, and whose next put does what it should but says that it failed. */
function watchedBlobs(): Blobs & { gets: number; loseAnswer: boolean; stored: Map<string, Uint8Array> } {
  const stored = new Map<string, Uint8Array>();
  const inner = createMemoryBlobs(stored);
  return {
    gets: 0,
    loseAnswer: false,
    stored,
    async get(name) {
      this.gets++;
      return inner.get(name);
    },
    async putIfAbsent(name, bytes) {
      const put = await inner.putIfAbsent(name, bytes);
      if (this.loseAnswer) {
        this.loseAnswer = false;
        throw new RangeError('the answer was lost');
      }
      return put;
    },
  };
}

describe('the manifest chain', () => {
  it('is empty, at -1, before anything was committed', async () => {
    const chain = createManifestChain(createMemoryBlobs(), 's');
    expect(await chain.head()).toEqual({ stream: 's', number: -1, hash: '', origins: [], files: [], redactions: [] });
  });

  it('goes on after a put whose answer was lost', async () => {
    const blobs = watchedBlobs();
    const chain = createManifestChain(blobs, 's');
    const before = await chain.head();
    blobs.loseAnswer = true;
    await expect(chain.commit(before, { add: [], origins: [3] })).rejects.toThrow('lost');
    expect((await chain.commit(before, { add: [], origins: [3] }))?.number).toBe(0);
    expect((await chain.head()).origins).toEqual([3]);
  });

  it('opens a long chain by a few reads, and then reads only what is new', async () => {
    const blobs = watchedBlobs();
    const writer = createManifestChain(blobs, 's');
    let state = await writer.head();
    for (let partition = 0; partition < 700; partition++) {
      const next = await writer.commit(state, { add: [], origins: [...state.origins, partition] });
      if (next === null) return expect.unreachable();
      state = next;
    }
    const reader = createManifestChain(blobs, 's');
    blobs.gets = 0;
    expect(await reader.head()).toEqual(state);
    expect(blobs.gets).toBeLessThan(64 + 30);
    blobs.gets = 0;
    await reader.head();
    expect(blobs.gets).toBe(2);
    await writer.commit(state, { add: [], origins: [...state.origins, 0] });
    expect((await reader.head()).number).toBe(700);
  });

  it('notices on opening that up to dozens of links in the middle were lost', async () => {
    const blobs = watchedBlobs();
    const writer = createManifestChain(blobs, 's');
    let state = await writer.head();
    for (let number = 0; number < 60; number++) {
      state = (await writer.commit(state, { add: [], origins: [...state.origins, 0] })) ?? state;
    }
    for (let number = 20; number < 28; number++) blobs.stored.delete(manifestName('s', number));
    await expect(createManifestChain(blobs, 's').head()).rejects.toMatchObject({ code: 'MANIFEST_MISSING' });
  });

  it('does not take its own earlier belief for evidence: a state that was made up is not followed', async () => {
    const blobs = createMemoryBlobs();
    const chain = createManifestChain(blobs, 's');
    await chain.commit(await chain.head(), { add: [], origins: [1] });
    const forged = { stream: 's', number: 0, hash: 'f'.repeat(64), origins: [1], files: [], redactions: [] };
    await chain.commit(forged, { add: [], origins: [1, 2] });
    await expect(chain.head()).rejects.toMatchObject({ code: 'MANIFEST_DAMAGED' });
  });

  it('refuses a manifest whose ledger does not close', async () => {
    const stored = new Map<string, Uint8Array>();
    const broken = {
      name: 'f',
      partition: 0,
      from: 0,
      to: 10,
      records: 10,
      byteLength: 1,
      sha256: '',
      minEventTime: null,
      maxEventTime: null,
      counts: { applied: 9, duplicate: 0, rejected: 0, control: 0 },
      slices: [[0, 9, 0, 0, 0] as const],
    };
    const manifest = {
      format: 1,
      kind: 'base',
      stream: 's',
      number: 0,
      previous: null,
      origins: [0],
      files: [broken],
      removed: [],
    } as const;
    stored.set(manifestName('s', 0), encodeManifest(manifest));
    await expect(createManifestChain(createMemoryBlobs(stored), 's').head()).rejects.toMatchObject({
      code: 'MANIFEST_DAMAGED',
    });
  });

  it('checks the link below the full manifest that it opens from', async () => {
    const blobs = watchedBlobs();
    const writer = createManifestChain(blobs, 's');
    let state = await writer.head();
    for (let number = 0; number < 66; number++) {
      state = (await writer.commit(state, { add: [], origins: [...state.origins, 0] })) ?? state;
    }
    const name = manifestName('s', 63);
    const changed = decodeManifest('s', 63, blobs.stored.get(name) ?? new Uint8Array());
    blobs.stored.set(name, encodeManifest({ ...changed, origins: [...changed.origins, 1] }));
    await expect(createManifestChain(blobs, 's').head()).rejects.toMatchObject({ code: 'MANIFEST_DAMAGED' });
  });

  it('refuses the manifest of another stream in its place', async () => {
    const stored = new Map<string, Uint8Array>();
    const other = createManifestChain(createMemoryBlobs(stored), 'other');
    await other.commit(await other.head(), { add: [], origins: [0] });
    stored.set(manifestName('s', 0), stored.get(manifestName('other', 0)) ?? new Uint8Array());
    const chain = createManifestChain(createMemoryBlobs(stored), 's');
    await expect(chain.head()).rejects.toMatchObject({ code: 'MANIFEST_DAMAGED' });
  });
});
