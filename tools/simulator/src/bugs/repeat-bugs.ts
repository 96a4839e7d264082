import type { PlantedBug } from './planted-bugs.ts';

/** Of what is a duplicate (E9), and of stream versions that judge it differently. */
export const REPEAT_BUGS: readonly PlantedBug[] = [
  {
    name: 'a duplicate does not renew the horizon of its id',
    file: 'schemas/src/table-horizon.ts',
    find: `if (this.recent.put(words, at, hash, within) !== -1 || this.older.find(words, at, hash) >= within) {`,
    replace: `if (this.recent.find(words, at, hash) !== -1 || this.older.find(words, at, hash) >= within || this.recent.put(words, at, hash, within) > 0) {`,
  },
  {
    name: 'the horizon ends one offset early',
    file: 'schemas/src/table-horizon.ts',
    find: `this.older.find(words, at, hash) >= within`,
    replace: `this.older.find(words, at, hash) > within`,
  },
  {
    name: 'the horizon of a key and a number ends one offset late',
    kind: 'versions',
    file: 'schemas/src/chain-horizon.ts',
    find: `const since = offset > horizon ? offset - horizon : 0;`,
    replace: `const since = offset > horizon ? offset - horizon - 1 : 0;`,
  },
  {
    name: 'a lane folds what another version of its stream reads',
    kind: 'versions',
    file: 'speed-layer/src/partition-worker.ts',
    find: `if (view === undefined || view.stream.fingerprint !== stream.fingerprint) return false;`,
    replace: `if (view === undefined) return false;`,
  },
  {
    name: 'what another version archived is taken as it is',
    kind: 'versions',
    file: 'archive/src/stream-versions.ts',
    find: `  if (ends.every((end, partition) => end === base.origins[partition])) return base;
  const derived = await archive.head(derivedName(stream));`,
    replace: `  if (ends.length > 0) return base;
  const derived = await archive.head(derivedName(stream));`,
    also: [
      {
        file: 'batch-layer/src/source-files.ts',
        find: `  if (found === stream.fingerprint) return;`,
        replace: `  if (found !== '') return;`,
      },
    ],
  },
  {
    name: 'only the first file of another version is read anew',
    kind: 'versions',
    file: 'archive/src/stream-versions.ts',
    find: `ends[file.partition] = Math.max(ends[file.partition] ?? 0, file.to);`,
    replace: `ends[file.partition] = ends[file.partition] === state.origins[file.partition] ? file.to : (ends[file.partition] ?? 0);`,
    also: [
      {
        file: 'batch-layer/src/source-files.ts',
        find: `  if (found === stream.fingerprint) return;`,
        replace: `  if (found !== '') return;`,
      },
    ],
  },
  {
    name: 'a version derives with the horizon of another',
    kind: 'versions',
    file: 'batch-layer/src/derive-version.ts',
    find: `stream: derivedStream(stream), topic }`,
    replace: `stream: { ...derivedStream(stream), dedupeHorizon: 10 }, topic }`,
  },
  {
    name: 'merging takes in what another version wrote',
    kind: 'versions',
    file: 'batch-layer/src/compact-archive.ts',
    find: `    [undefined, stream.fingerprint].includes(first?.fingerprint),`,
    replace: `    first !== undefined,`,
  },
];
