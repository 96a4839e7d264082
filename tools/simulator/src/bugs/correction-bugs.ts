import type { PlantedBug } from './planted-bugs.ts';

/** Of corrections. */
export const CORRECTION_BUGS: readonly PlantedBug[] = [
  {
    name: 'a correction hits what its plan did not show',
    file: 'batch-layer/src/corrections/load-list.ts',
    find: `return decodeTargets(new TextDecoder().decode(bytes));`,
    replace: `return decodeTargets(new TextDecoder().decode(bytes)).map(({ source, runs }) => ({
      source,
      runs: runs.map(([from, to], i) => (i === runs.length - 1 ? ([from, to + 2] as const) : ([from, to] as const))),
    }));`,
  },
  {
    name: 'dirty buckets of the new rows only',
    file: 'batch-layer/src/corrections/find-targets.ts',
    find: `    this.touch(hit);`,
    replace: ``,
  },
  {
    name: 'corrections in one list only are not dirty',
    file: 'batch-layer/src/plan-view.ts',
    find: `...bucketsOf(touched, surveyMs(view))`,
    replace: `...bucketsOf(touched.slice(1), surveyMs(view))`,
  },
  {
    name: 'a scheduled run forgets the list',
    file: 'batch-layer/src/plan-candidate.ts',
    find: `options.lists?.get(view.stream.name) ?? inForce`,
    replace: `options.lists?.get(view.stream.name) ?? []`,
  },
  {
    name: 'a correction moves one view only',
    file: 'batch-layer/src/corrections/apply-correction.ts',
    find: `  const result = await buildAndPromote(
    views,`,
    replace: `  const result = await buildAndPromote(
    views.slice(0, 1),`,
    also: [
      {
        file: 'releases/src/transitions.ts',
        find: `  for (const entry of entries) {
    const other = `,
        replace: `  for (const entry of entries.slice(0, 0)) {
    const other = `,
      },
    ],
  },
  {
    name: 'baseline at another cut',
    file: 'batch-layer/src/corrections/apply-correction.ts',
    find: `chooseCut: (_, __, from) => from, lists`,
    replace: `lists`,
    also: [
      {
        file: 'batch-layer/src/corrections/still-as-shown.ts',
        find: `    if (!level || base.version !== view.version)`,
        replace: `    if (base?.version !== view.version)`,
      },
    ],
  },
  {
    name: 'rows that were corrected away still count',
    file: 'batch-layer/src/corrections/corrected-sources.ts',
    find: `outsideOf(overlay.dropped.get(source) ?? [], from, to)`,
    replace: `outsideOf((source < 2 ** 30 ? overlay.dropped.get(source) : null) ?? [], from, to)`,
  },
  {
    name: 'what is taken back is still in force',
    file: 'corrections/src/in-force.ts',
    find: `return standingOf(list).filter(({ reverts }) => reverts === null);`,
    replace: `return list.filter(({ reverts }) => reverts === null);`,
  },
  {
    name: 'predicate evaluated over what is corrected away already',
    file: 'batch-layer/src/corrections/counted-events.ts',
    find: `    const dropped = overlay.dropped.get(source);`,
    replace: `    const dropped = source < 0 ? overlay.dropped.get(source) : undefined;`,
  },
  {
    name: 'a plan is applied on another base',
    file: 'batch-layer/src/corrections/still-as-shown.ts',
    find: `  if (!sameList(now, base))
    throw`,
    replace: `  if (!sameList(now, base) && base.length < 0)
    throw`,
    also: [
      {
        file: 'batch-layer/src/corrections/still-as-shown.ts',
        find: `    if (!sameList(base, plan.base)) throw`,
        replace: `    if (base.length < 0) throw`,
      },
    ],
  },
];
