import type { PlantedBug } from './planted-bugs.ts';

/** Of the serving API and of the rules that it reads by. */
export const READING_BUGS: readonly PlantedBug[] = [
  {
    name: 'straddling base slice counted too',
    file: 'releases/src/cover.ts',
    find: `spans: spansFrom(edge, sliceSize, progress) };`,
    replace: `spans: spansFrom(edge === cut ? edge : edge - sliceSize, sliceSize, progress) };`,
  },
  {
    name: 'cut inside a slice without remainder',
    file: 'releases/src/cover.ts',
    find: `const remainder = cut === edge ? null : { start: cut, end: edge };`,
    replace: `const remainder = null as { start: number; end: number } | null;`,
  },
  {
    name: 'claim of the base chain while the remainder lags',
    file: 'releases/src/cover.ts',
    find: `(progress.remainder ?? cut) < edge)`,
    replace: `(progress.remainder ?? cut) < cut)`,
  },
  {
    name: 'remainders of other cuts counted',
    file: 'serving-api/src/read-speed.ts',
    find: `row.end - row.start === widthOffsets`,
    replace: `row.end - row.start <= widthOffsets`,
  },
  {
    name: 'wide and narrow both counted',
    file: 'serving-api/src/read-speed.ts',
    find: `row.end - row.start === widthOffsets`,
    replace: `row.end - row.start >= widthOffsets`,
  },
  {
    name: 'open slices remembered',
    file: 'serving-api/src/read-speed.ts',
    find: `start < span.below && start + span.widthOffsets <= read.openFrom`,
    replace: `start < span.below && start <= read.openFrom`,
  },
  {
    name: 'rows read before progress',
    file: 'serving-api/src/read-view.ts',
    find: `  checkStillPinned(pin, await control.read(signal));
  let panes = summed;`,
    replace: `  const late = readPositions(pin, await unproved.progress({ view: view.name, version: entry.version }, signal), request);
  positions.forEach((position, i) => Object.assign(position, { claim: late[i]?.claim ?? position.claim }));
  checkStillPinned(pin, await control.read(signal));
  let panes = summed;`,
  },
  {
    name: 'a failed answer does not ask whether the store is there',
    test: {
      project: 'serving-api',
      file: 'test/read-view.test.ts',
      title: 'E5: is refused with STORE_GONE when the store was lost meanwhile, whatever the reads gave',
    },
    file: 'serving-api/src/read-view.ts',
    find: `    await ports.store.control.read(request.signal).catch(`,
    replace: `    await Promise.resolve().catch(`,
  },
  {
    name: 'the open slice is not read',
    file: 'serving-api/src/read-speed.ts',
    find: `Math.min(span.below, read.openFrom + stream.sliceSize)`,
    replace: `Math.min(span.below, read.openFrom)`,
  },
  {
    name: 'no second read of the control row',
    test: {
      project: 'serving-api',
      file: 'test/read-view.test.ts',
      title: 'E16: is read again also when all that the store lacks by then are rows that nobody would miss',
    },
    file: 'serving-api/src/read-view.ts',
    find: `  checkStillPinned(pin, await control.read(signal));
  let panes = summed;`,
    replace: `  let panes = summed;`,
  },
  {
    name: 'the release is read anew for each page',
    file: 'serving-api/src/answer-page.ts',
    find: `release: cursor?.release ?? null,`,
    replace: `release: null,`,
  },
  {
    name: 'a snapshot to the position that is proved',
    file: 'serving-api/src/read-positions.ts',
    find: `return Math.max(at.cut, floorTo(at.proved, at.sliceSize));`,
    replace: `return Math.max(at.cut, at.proved);`,
  },
];
