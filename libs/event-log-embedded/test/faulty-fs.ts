import type { Fs, FsFile, FsLock } from '@twofold/service';

/** A failure with a POSIX code, as a real file system gives. */
class FaultError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`${code}: injected or modelled`);
    this.code = code;
  }
}

type Pending = { readonly position: number; readonly bytes: Uint8Array } | { readonly truncateTo: number };

/** What the system holds of a file, what the disk holds, and what is on its way from one to the other. */
interface Node {
  readonly folder: boolean;
  cache: Uint8Array;
  disk: Uint8Array;
  pending: Pending[];
}

const newNode = (folder: boolean): Node => ({
  folder,
  cache: new Uint8Array(0),
  disk: new Uint8Array(0),
  pending: [],
});

function apply(image: Uint8Array, change: Pending): Uint8Array {
  if ('truncateTo' in change) {
    const cut = new Uint8Array(change.truncateTo);
    cut.set(image.subarray(0, change.truncateTo));
    return cut;
  }
  const grown = new Uint8Array(Math.max(image.length, change.position + change.bytes.length));
  grown.set(image);
  grown.set(change.bytes, change.position);
  return grown;
}

const folderOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

/** A file system in memory that loses, tears and refuses as told. */
export class FaultyFs implements Fs {
  #names = new Map<string, Node>([['/', newNode(true)]]);
  #diskNames = new Map(this.#names);
  readonly #locks = new Set<string>();
  /** Operations until the process dies: every later one fails. */
  operationsLeft = Number.POSITIVE_INFINITY;
  /** Bytes that can still be added to files. */
  freeBytes = Number.POSITIVE_INFINITY;
  /** Syncs that fail, as a disk does: what they should have written is then taken for written. */
  failingSyncs = 0;
  syncs = 0;

  /** A file system that holds these files, by path, all of them durable. */
  static of(files: ReadonlyMap<string, Uint8Array>): FaultyFs {
    const fs = new FaultyFs();
    for (const [path, bytes] of files) {
      for (let at = folderOf(path); !fs.#names.has(at); at = folderOf(at)) fs.#names.set(at, newNode(true));
      fs.#names.set(path, { ...newNode(false), cache: bytes, disk: bytes });
    }
    fs.#diskNames = new Map(fs.#names);
    return fs;
  }

  /** Every file's bytes, by path. */
  files(): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [path, node] of this.#names) if (!node.folder) found.set(path, node.cache);
    return found;
  }

  /** The process ends; what it wrote is with the system. */
  kill(): void {
    this.operationsLeft = Number.POSITIVE_INFINITY;
    this.#locks.clear();
  }

  /**
   * Power is lost: of everything not synced some reaches the disk, whole, torn or by sectors, and some does not.
   * Without randomness, nothing does.
   */
  losePower(random: (() => number) | null): void {
    this.kill();
    const names = new Map(this.#diskNames);
    const lucky = (): boolean => random !== null && random() < 0.5;
    for (const [path, node] of this.#names) if (lucky()) names.set(path, node);
    for (const path of this.#diskNames.keys()) if (!this.#names.has(path) && lucky()) names.delete(path);
    for (const path of [...names.keys()].sort()) if (path !== '/' && !names.has(folderOf(path))) names.delete(path);
    for (const node of new Set(names.values())) {
      const reached = random === null ? [] : node.pending.flatMap((change) => survivors(change, random));
      for (const part of reached) node.disk = apply(node.disk, part);
      node.pending = [];
      node.cache = node.disk;
    }
    this.#names = names;
    this.#diskNames = new Map(names);
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<FsFile> {
    await this.#step();
    const found = this.#names.get(path);
    if (mode === 'create') {
      if (found !== undefined) throw new FaultError('EEXIST');
      this.#needFolder(folderOf(path));
      this.#names.set(path, newNode(false));
    } else if (found === undefined) throw new FaultError('ENOENT');
    return this.#file(this.#node(path));
  }

  async stat(path: string): Promise<{ sizeBytes: number; folder: boolean } | null> {
    await this.#step();
    const node = this.#names.get(path);
    return node === undefined ? null : { sizeBytes: node.cache.length, folder: node.folder };
  }

  async list(folder: string): Promise<string[]> {
    await this.#step();
    this.#needFolder(folder);
    return [...this.#names.keys()]
      .filter((path) => path !== '/' && folderOf(path) === folder)
      .map((path) => path.slice(folder.length + 1));
  }

  async makeFolder(path: string): Promise<void> {
    await this.#step();
    for (let at = path; at !== '/' && !this.#names.has(at); at = folderOf(at)) this.#names.set(at, newNode(true));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step();
    this.#names.set(to, this.#node(from));
    this.#names.delete(from);
  }

  async link(from: string, to: string): Promise<void> {
    await this.#step();
    if (this.#names.has(to)) throw new FaultError('EEXIST');
    this.#names.set(to, this.#node(from));
  }

  async remove(path: string): Promise<void> {
    await this.#step();
    this.#node(path);
    this.#names.delete(path);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#step();
    this.#needFolder(folder);
    for (const path of [...this.#diskNames.keys()]) {
      if (path !== '/' && folderOf(path) === folder && !this.#names.has(path)) this.#diskNames.delete(path);
    }
    for (const [path, node] of this.#names) if (folderOf(path) === folder) this.#diskNames.set(path, node);
  }

  async lock(path: string): Promise<FsLock | null> {
    await this.#step();
    if (this.#locks.has(path)) return null;
    this.#locks.add(path);
    return {
      release: async () => {
        this.#locks.delete(path);
      },
    };
  }

  async #step(): Promise<void> {
    await Promise.resolve();
    if (this.operationsLeft <= 0) throw new FaultError('ECANCELED');
    this.operationsLeft -= 1;
  }

  #node(path: string): Node {
    const node = this.#names.get(path);
    if (node === undefined) throw new FaultError('ENOENT');
    return node;
  }

  #needFolder(path: string): void {
    if (this.#names.get(path)?.folder !== true) throw new FaultError('ENOENT');
  }

  #file(node: Node): FsFile {
    const change = (what: Pending): void => {
      node.cache = apply(node.cache, what);
      node.pending.push(what);
    };
    return {
      pread: async (bytes, length, position) => {
        await this.#step();
        const found = node.cache.subarray(position, position + length);
        bytes.set(found);
        return found.length;
      },
      pwrite: async (bytes, position) => {
        const dies = this.operationsLeft <= 1;
        await this.#step();
        const added = Math.max(0, position + bytes.length - node.cache.length);
        const missing = Math.max(0, added - this.freeBytes);
        // The last write before the process dies, and one that finds the disk full, gets a part of the way.
        const part = bytes.slice(0, dies ? bytes.length >> 1 : bytes.length - missing);
        change({ position, bytes: part });
        this.freeBytes -= added - missing;
        if (missing > 0) throw new FaultError('ENOSPC');
      },
      truncate: async (sizeBytes) => {
        await this.#step();
        change({ truncateTo: sizeBytes });
      },
      datasync: async () => {
        await this.#step();
        this.syncs += 1;
        const { pending } = node;
        node.pending = [];
        if (this.failingSyncs > 0) {
          this.failingSyncs -= 1;
          throw new FaultError('EIO');
        }
        for (const each of pending) node.disk = apply(node.disk, each);
      },
      sizeBytes: async () => {
        await this.#step();
        return node.cache.length;
      },
      close: async () => {},
    };
  }
}

const sectorBytes = 64;

/** What reaches the disk of one change that was not synced. */
function survivors(change: Pending, random: () => number): Pending[] {
  const fate = random();
  if (fate < 0.25) return [];
  if (fate < 0.5 || 'truncateTo' in change) return [change];
  if (fate < 0.75)
    return [{ position: change.position, bytes: change.bytes.slice(0, Math.floor(random() * change.bytes.length)) }];
  const parts: Pending[] = [];
  for (let at = 0; at < change.bytes.length; at += sectorBytes) {
    const bytes = change.bytes.slice(at, at + sectorBytes);
    if (random() < 0.5) parts.push({ position: change.position + at, bytes });
  }
  return parts;
}
