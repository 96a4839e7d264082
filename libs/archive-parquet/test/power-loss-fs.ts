import type { Fs, FsFile } from '@twofold/service';

interface Node {
  data: Uint8Array;
  /** What is on the disk for sure. */
  synced: Uint8Array;
}

type Names = Map<string, Node>;

/** What a failing operation throws: like Node, an error with a POSIX code. */
export class FsFailure extends RangeError {
  readonly code: string;
  constructor(code: string, what: string) {
    super(`${code}: ${what}`);
    this.code = code;
  }
}

/**
 * A file system in memory that can lose power. Bytes are on the disk after `datasync`, names after `syncFolder`;
 * what was not synced is lost or kept, wholly or in part, as `random` has it. `before` is called ahead of each
 * operation with its name and path, and fails it by throwing.
 */
export class PowerLossFs implements Fs {
  readonly #random: () => number;
  readonly #before: (operation: string, path: string) => void;
  #names: Names = new Map();
  #syncedNames: Names = new Map();

  constructor(random: () => number, before: (operation: string, path: string) => void = () => undefined) {
    this.#random = random;
    this.#before = before;
  }

  /** The file system after the power came back. */
  afterPowerLoss(before: (operation: string, path: string) => void = () => undefined): PowerLossFs {
    const next = new PowerLossFs(this.#random, before);
    const nodes = new Map<Node, Node>();
    for (const path of new Set([...this.#names.keys(), ...this.#syncedNames.keys()])) {
      const then = this.#syncedNames.get(path);
      const now = this.#names.get(path);
      const node = then === now || this.#random() < 0.5 ? then : now;
      if (node === undefined) continue;
      const kept = nodes.get(node) ?? this.#remains(node);
      nodes.set(node, kept);
      next.#names.set(path, kept);
      next.#syncedNames.set(path, kept);
    }
    return next;
  }

  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<FsFile> {
    this.#before('open', path);
    let node = this.#names.get(path);
    if (mode === 'create') {
      if (node !== undefined) throw new FsFailure('EEXIST', path);
      node = { data: new Uint8Array(0), synced: new Uint8Array(0) };
      this.#names.set(path, node);
    }
    if (node === undefined) throw new FsFailure('ENOENT', path);
    return this.#file(path, node);
  }

  async stat(path: string): Promise<{ sizeBytes: number; folder: boolean } | null> {
    const node = this.#names.get(path);
    return node === undefined ? null : { sizeBytes: node.data.length, folder: false };
  }

  async list(folder: string): Promise<readonly string[]> {
    return this.paths()
      .filter((path) => parentOf(path) === folder)
      .map((path) => path.slice(folder.length + 1));
  }

  async makeFolder(path: string): Promise<void> {
    this.#before('makeFolder', path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#before('rename', to);
    await this.link(from, to);
    this.#names.delete(from);
  }

  async link(from: string, to: string): Promise<void> {
    this.#before('link', to);
    const node = this.#names.get(from);
    if (node === undefined) throw new FsFailure('ENOENT', from);
    if (this.#names.has(to)) throw new FsFailure('EEXIST', to);
    this.#names.set(to, node);
  }

  async remove(path: string): Promise<void> {
    this.#before('remove', path);
    if (!this.#names.delete(path)) throw new FsFailure('ENOENT', path);
  }

  async syncFolder(folder: string): Promise<void> {
    this.#before('syncFolder', folder);
    for (const path of new Set([...this.#names.keys(), ...this.#syncedNames.keys()])) {
      if (parentOf(path) !== folder) continue;
      const node = this.#names.get(path);
      if (node === undefined) this.#syncedNames.delete(path);
      else this.#syncedNames.set(path, node);
    }
  }

  async lock(): Promise<null> {
    return null;
  }

  /** Synced bytes, or what was written since, or a part of it. */
  #remains(node: Node): Node {
    if (node.data === node.synced) return { data: node.data, synced: node.data };
    const chance = this.#random();
    const length = chance < 0.3 ? node.data.length : Math.floor(this.#random() * node.data.length);
    const data = chance < 0.6 ? node.data.slice(0, length) : node.synced;
    return { data, synced: data };
  }

  #file(path: string, node: Node): FsFile {
    const before = this.#before;
    return {
      async pread(bytes, length, position) {
        before('pread', path);
        const part = node.data.subarray(position, position + length);
        bytes.set(part);
        return part.length;
      },
      async pwrite(bytes, position) {
        before('pwrite', path);
        const data = new Uint8Array(Math.max(node.data.length, position + bytes.length));
        data.set(node.data);
        data.set(bytes, position);
        node.data = data;
      },
      async truncate(sizeBytes) {
        node.data = node.data.slice(0, sizeBytes);
      },
      async datasync() {
        before('datasync', path);
        node.synced = node.data;
      },
      sizeBytes: async () => node.data.length,
      close: async () => undefined,
    };
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
