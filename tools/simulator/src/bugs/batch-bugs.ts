import type { Patch, PlantedBug } from './planted-bugs.ts';

/** Levels that are made of one another: histories hardly reach beyond one part of a level. */
const LEVELS = {
  project: 'batch-layer',
  file: 'test/levels-build.test.ts',
  title:
    'E14: levels that are summed of finer ones and of the base are byte for byte what the archive gives each by itself',
};

/** Views that are summed from one another, which takes many events for each partial. */
const OTHER_VIEWS = {
  project: 'batch-layer',
  file: 'test/other-views.test.ts',
  title: 'E14: views that are built together are each what they are alone, byte for byte',
};

/** Of the batch layer and the control row. */
export const BATCH_BUGS: readonly PlantedBug[] = [
  {
    name: 'no dedupe',
    file: 'schemas/src/create-classifier.ts',
    find: `this.seen?.mark(columns);`,
    replace: ``,
  },
  {
    name: 'archiver dedupes inside its file only',
    file: 'batch-layer/src/archive-log.ts',
    find: `if (known !== undefined && known.position === from) return known;`,
    replace: `if (known !== undefined && known.position === -1) return known;
    return this.#fresh(partition, from, origin);
  }
  async #fresh(partition: number, from: number, _: number) {
    const origin = from;
    const known = undefined as { cursor: LogCursor } | undefined;`,
  },
  {
    name: 'batch reads past its cut',
    file: 'batch-layer/src/source-files.ts',
    find: `to: Math.min(to, file.to), archived: file });`,
    replace: `to: file.to, archived: file });`,
  },
  {
    name: 'pointer before rows',
    file: 'batch-layer/src/recompute-views.ts',
    find: `  const registeredMs = ports.clock.monotonic();
  try {`,
    replace: `  const registeredMs = ports.clock.monotonic();
  try {
    await makeLive(candidate, release, mark, ports, signal);`,
  },
  {
    name: 'promoted before its lanes reach what is served',
    file: 'batch-layer/src/recompute-views.ts',
    find: `    await awaitPositions({ candidate, works, registeredMs }, ports, signal);`,
    replace: ``,
  },
  {
    name: 'verification skipped',
    file: 'batch-layer/src/stored-parts.ts',
    find: `  await readPart(entry, ports, signal);`,
    replace: ``,
    also: [
      {
        file: 'batch-layer/src/build-view.ts',
        find: `  await verifyIndex(index, ports, signal);`,
        replace: ``,
      },
    ],
  },
  {
    name: 'an unknown outcome taken for success',
    file: 'batch-layer/src/change-control.ts',
    find: `if (error.code === 'OUTCOME_UNKNOWN') unknownAt = row.sequence;`,
    replace: `if (error.code === 'OUTCOME_UNKNOWN') return { kind: 'DONE', row: made.row };`,
  },
  {
    name: 'dirty buckets by event time only',
    file: 'batch-layer/src/plan-view.ts',
    find: `const dirty = [...survey.buckets, `,
    replace: `const dirty = [...survey.buckets.filter((b) => before === null || b + surveyMs(view) > before), `,
  },
  {
    name: 'part ids used twice',
    file: 'batch-layer/src/build-parts.ts',
    find: '`${task.candidate}.${task.view.name}.${parts.length - shared.length}`',
    replace: '`${task.view.name}.${parts.length - shared.length}`',
  },
  {
    name: 'of parts that are folded together each gets all',
    file: 'batch-layer/src/build-parts.ts',
    find: `accumulator.toPiecesIn(parts, CHUNK_BYTES)`,
    replace: `parts.map(() => accumulator.toPieces(CHUNK_BYTES))`,
  },
  {
    name: 'only the buckets that have changed are folded anew, not the panes around them',
    file: 'batch-layer/src/part-sources.ts',
    find: `within(outward(changed, widthMs), from, to)`,
    replace: `within(inward(changed, widthMs), from, to)`,
    test: LEVELS,
  },
  {
    name: 'a coarse pane is summed of the finer ones that are still there',
    file: 'batch-layer/src/part-sources.ts',
    find: `both(left, inward(level.known, widthMs))`,
    replace: `both(left, outward(level.known, widthMs))`,
    test: { ...LEVELS, title: 'E14: nor does it matter which levels have let go of their panes' },
  },
  {
    name: 'a view is summed from one with a condition that it has not',
    file: 'views/src/view-projection.ts',
    find: `[...asked].every((key) => known.has(key)) ?`,
    replace: `[...asked].every((key) => known.has(key) || key !== '') ?`,
    test: OTHER_VIEWS,
  },
  {
    name: 'a condition is asked of keys that do not tell it',
    file: 'views/src/view-projection.ts',
    find: `if (more === null || !more.every((condition) => isOfKeys(condition, base))) return null;`,
    replace: `if (more === null) return null;`,
    test: OTHER_VIEWS,
  },
  {
    name: 'of a view with more events all keys are summed',
    file: 'views/src/projected-chunks.ts',
    find: `this.#condition?.holds(new ChunkReader(key, 0, keyLength)) ?? true`,
    replace: `key.length > 0 || keyLength > 0`,
    test: OTHER_VIEWS,
  },
  {
    name: 'a view is summed from one that does not hold all of its components',
    file: 'views/src/view-projection.ts',
    find: `dimensions.includes(-1) || !isWhole ? null`,
    replace: `dimensions.includes(-1) ? null`,
    test: OTHER_VIEWS,
  },
  {
    name: 'a view is summed from one that stands at another cut',
    file: 'batch-layer/src/other-views.ts',
    find: `a.stream === b.stream && sameCut &&`,
    replace: `a.stream === b.stream && (sameCut || a.cut.length > 0) &&`,
    test: { ...OTHER_VIEWS, title: 'E14: a view is not summed from one that stands at another cut' },
  },
  {
    name: 'a file of which a part counts is folded as a whole',
    file: 'batch-engine/src/source-ranges.ts',
    find: `return archived !== undefined && from <= archived.from && to >= archived.to;`,
    replace: `return archived !== undefined;`,
    test: {
      project: 'batch-engine',
      file: 'test/source-ranges.test.ts',
      title: 'files that count as a whole stand by themselves, without positions; of others the positions are told',
    },
  },
  {
    name: 'a damaged part is a source all the same',
    file: 'batch-layer/src/stored-parts.ts',
    find: `if (bytes === null || sha256(bytes) !== expected)`,
    replace: `if (bytes === null)`,
    test: {
      ...LEVELS,
      title:
        'E14: a stored part that is damaged is no source of another one: that is folded from the archive, and told',
    },
  },
  {
    name: 'parts of a candidate without index collected',
    file: 'batch-layer/src/collect.ts',
    find: `row.candidates.some((candidate) => id.startsWith(\`\${candidate.id}.\`));`,
    replace: `id === '' && row.candidates.length > 0;`,
  },
  {
    name: 'collector reads the row before it lists',
    file: 'batch-layer/src/collect.ts',
    find: `  const listed = await patiently(clock, () => store.parts.list(), signal);
  const row = await readControl(store.control, clock, signal);`,
    replace: `  const row = await readControl(store.control, clock, signal);
  const listed = await patiently(clock, () => store.parts.list(), signal);`,
  },
  {
    name: 'slices needed for rollback collected',
    file: 'batch-layer/src/collect.ts',
    find: `      const below = cutAt(floor, partition, origins);`,
    replace: `      const live = row.releases.find((each) => each.id === row.live);
      const entry = row.entries[live?.entries[of.view] ?? ''];
      const below = cutAt(entry?.version === of.version ? entry.cut : floor, partition, origins);`,
  },
  {
    name: 'deletes before the control row',
    file: 'batch-layer/src/collect.ts',
    find: `  await cancelStale(ports, signal, options);
  await changeControl(`,
    replace: `  await cancelStale(ports, signal, options);
  const early = await readControl(ports.store.control, ports.clock, signal);
  const trimmed = early === null ? null : trim(early, options.restorable);
  if (trimmed?.ok === true)
    await removeUnreachable({ ...ports, store: { ...ports.store, control: { ...ports.store.control, read: async () => trimmed.row } } }, signal);
  await changeControl(`,
  },
];

/** A hole in the archive is refused when it is committed and again when it is read; without both it is folded over. */
const HOLE_UNCHECKED: readonly Patch[] = [
  {
    file: 'archive/src/coverage.ts',
    find: `    if (file.from > end) return hole(stream, file, end);`,
    replace: ``,
  },
  {
    file: 'batch-layer/src/source-files.ts',
    find: `      if (file.from > at) break;
      if (wanted(file))
        found.push({ path: archive.locate(file), partition, from: at,`,
    replace: `      if (wanted(file))
        found.push({ path: archive.locate(file), partition, from: Math.max(at, file.from),`,
  },
];

export const HOLE_BUGS: readonly PlantedBug[] = [
  {
    name: 'the archiver goes on from memory, a hole not checked',
    file: 'batch-layer/src/archive-log.ts',
    find: `    if (archivedEnd(head, file.partition) === file.from) return this.#commit(head, file);`,
    replace: `    if (archivedEnd(head, file.partition) <= file.from) return this.#commit(head, file);`,
    also: [
      {
        file: 'batch-layer/src/archive-log.ts',
        find: `    const reading = await this.#readerAt(partition, from, origin);`,
        replace: `    const there = this.#readers.get(partition)?.position ?? 0;
    if (there > from && there < end) from = there;
    const reading = await this.#readerAt(partition, from, origin);`,
      },
      ...HOLE_UNCHECKED,
    ],
  },
];

export const RELEASE_BUGS: readonly PlantedBug[] = [
  {
    name: 'candidate not pinned',
    file: 'releases/src/lookup.ts',
    find: `  for (const candidate of row.candidates) for (const entry of candidate.entries) seen.set(entry.id, entry);`,
    replace: ``,
  },
  {
    name: 'floor not checked',
    file: 'releases/src/transitions.ts',
    find: `    const problem = floorProblem(row, entry) ?? redactionProblem(row, entry);`,
    replace: `    const problem = redactionProblem(row, entry);`,
  },
  {
    name: 'overlay on the base instead of live',
    file: 'releases/src/transitions.ts',
    find: `  const entries = { ...row.entries };
  const named = { ...live.entries };`,
    replace: `  const entries = { ...row.entries };
  const named = { ...(row.releases.find((r) => r.id === candidate.base) ?? live).entries };`,
  },
  {
    name: 'the own entry is not compared at promotion',
    file: 'releases/src/transitions.ts',
    find: `    if ((live.entries[view] ?? null) !== base)`,
    replace: `    if ((live.entries[view] ?? null) !== base && base === '')`,
  },
  {
    name: 'a rollback does not hold the view',
    file: 'releases/src/transitions.ts',
    find: `holds: [...new Set([...row.holds, ...steps.map((step) => step.view)])].sort(),`,
    replace: `holds: row.holds,`,
  },
  {
    name: 'floors of restorable entries forgotten',
    file: 'releases/src/trim.ts',
    find: `Math.min(...mine.map(`,
    replace: `Math.max(...mine.map(`,
  },
  {
    name: 'the base of a candidate is collected',
    test: {
      project: 'releases',
      file: 'test/transitions.test.ts',
      title: 'a candidate and its base keep their builds reachable',
    },
    file: 'releases/src/trim.ts',
    find: `  for (const candidate of row.candidates)`,
    replace: `  for (const candidate of row.candidates.slice(0, 0))`,
  },
];
