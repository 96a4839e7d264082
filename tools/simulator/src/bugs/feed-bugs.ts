import type { PlantedBug } from './planted-bugs.ts';

const REVIEW = 'batch-layer/src/review/';

/** Of the feed of changed answers (X8). */
export const FEED_BUGS: readonly PlantedBug[] = [
  {
    name: 'a correction is live and nobody is told',
    file: 'releases/src/transitions.ts',
    find: `    candidates: row.candidates.filter((c) => c.id !== candidateId),
    ...(announces ?`,
    replace: `    candidates: row.candidates.filter((c) => c.id !== candidateId),
    ...(announces && row.sequence < 0 ?`,
  },
  {
    name: 'a rollback is live and nobody is told',
    file: 'batch-layer/src/corrections/roll-back.ts',
    find: `rollBack(now, steps, release, announces)`,
    replace: `rollBack(now, steps, release)`,
  },
  {
    name: 'a release is off the list before it is told of',
    test: {
      project: 'batch-layer',
      file: 'test/restatements.test.ts',
      title:
        'a teller that is killed anywhere, between promotion and feed or within it, is followed by one that tells the rest',
    },
    file: `${REVIEW}tell-restatements.ts`,
    find: `    told += await tellOne(project, release, ports, signal);
    const change = {`,
    replace: `    const change = {`,
    also: [
      {
        file: `${REVIEW}tell-restatements.ts`,
        find: `    await changeControl(ports.store.control, ports.clock, change, signal);
`,
        replace: `    await changeControl(ports.store.control, ports.clock, change, signal);
    told += await tellOne(project, release, ports, signal);
`,
      },
    ],
  },
  {
    name: 'the end of the feed is not looked at',
    test: {
      project: 'batch-layer',
      file: 'test/restatements.test.ts',
      title:
        'a teller that is killed anywhere, between promotion and feed or within it, is followed by one that tells the rest',
    },
    file: `${REVIEW}tell-restatements.ts`,
    find: `last?.release === release ?`,
    replace: `last?.release === '' ?`,
  },
  {
    name: 'rows that go are not told',
    file: `${REVIEW}review-candidate.ts`,
    find: `if (tells) told.add(`,
    replace: `if (tells && row.after !== null) told.add(`,
  },
  {
    name: 'what was and what is change places in the feed',
    file: `${REVIEW}told-restatements.ts`,
    find: `old: before, new: after, rows: 1`,
    replace: `old: after, new: before, rows: 1`,
  },
  {
    name: 'a rollback tells from what it went to',
    file: `${REVIEW}rollback-changes.ts`,
    find: `rowsThatDiffer({ view, before: old, after: now, settledBy }`,
    replace: `rowsThatDiffer({ view, before: now, after: old, settledBy }`,
  },
  {
    name: 'a rollback to an older cut tells nothing of its corrections',
    file: `${REVIEW}rollback-changes.ts`,
    find: `touchedBetween(old.corrections, now.corrections)`,
    replace: `touchedBetween(now.corrections, now.corrections)`,
  },
  {
    name: 'a rollback to an older cut tells what came since as its rows',
    file: `${REVIEW}rollback-changes.ts`,
    find: `(isSame || !isCorrected) && rows`,
    replace: `rows`,
  },
  {
    name: 'a rollback tells nothing of late data',
    file: `${REVIEW}rollback-changes.ts`,
    find: `isSame || restatements !== 'all' ? null :`,
    replace: `isSame || restatements !== 'all' || !isCorrected ? null :`,
  },
  {
    name: 'a rollback tells of windows that were complete on one side only',
    file: `${REVIEW}rollback-changes.ts`,
    find: `Math.min(before.watermark ?? -Infinity, after.watermark`,
    replace: `Math.max(before.watermark ?? -Infinity, after.watermark`,
  },
  {
    name: 'late data is told of windows that were not complete',
    file: `${REVIEW}review-candidate.ts`,
    find: `settledBy: base.watermark ?? -Infinity`,
    replace: `settledBy: entry.watermark ?? -Infinity`,
  },
  {
    name: 'what is to be told goes before it is told',
    test: {
      project: 'batch-layer',
      file: 'test/collect-documents.test.ts',
      title: 'X8: what a release tells stays until it is told, and goes then',
    },
    file: 'batch-layer/src/collect-documents.ts',
    find: `!isAwaited && !isAtWork`,
    replace: `!isAtWork`,
  },
  {
    name: 'what a candidate at work will tell goes',
    test: {
      project: 'batch-layer',
      file: 'test/collect-documents.test.ts',
      title: 'X8: what a candidate will tell stays while one is registered that was when it was found',
    },
    file: 'batch-layer/src/collect-documents.ts',
    find: `!isAwaited && !isAtWork`,
    replace: `!isAwaited`,
  },
];

/** Of gates (X9). */
export const GATE_BUGS: readonly PlantedBug[] = [
  {
    name: 'a gate that blocks only tells',
    file: `${REVIEW}review-candidate.ts`,
    find: `results.find(({ passed, severity }) => !passed && severity === 'block')`,
    replace: `results.find(({ passed, gate }) => !passed && gate === '')`,
  },
  {
    name: 'the project’s gates are not asked about corrections',
    file: 'batch-layer/src/corrections/corrections.ts',
    find: `gates: [...gates, ...options.gates]`,
    replace: `gates: [...gates.slice(0, 0), ...options.gates]`,
  },
  {
    name: 'an audit looks at the first part only',
    test: {
      project: 'batch-layer',
      file: 'test/gates.test.ts',
      title: 'an audit holds the rows of every part that is made anew',
    },
    file: `${REVIEW}audit-rows.ts`,
    find: `  for (const part of made) {`,
    replace: `  for (const part of made.slice(0, 1)) {`,
  },
  {
    name: 'a limit counts changed rows, and not those that come or go',
    file: 'corrections/src/gate-result.ts',
    find: `diff.rowsChanged + diff.rowsAdded + diff.rowsRemoved`,
    replace: `diff.rowsChanged`,
  },
  {
    name: 'a gate of one view holds all of them',
    test: {
      project: 'corrections',
      file: 'test/gate-result.test.ts',
      title: 'a gate of one view is held against that view',
    },
    file: 'corrections/src/gate-result.ts',
    find: `.filter(({ view }) => gate.view === null || gate.view === view)`,
    replace: `.filter(({ view }) => gate.view === null || view.length > 0)`,
  },
  {
    name: 'late data are compared with nothing',
    test: {
      project: 'batch-layer',
      file: 'test/gates.test.ts',
      title:
        'X9: a scheduled run whose late data change a complete window beyond a limit is stopped; the served release stays',
    },
    file: `${REVIEW}review-candidate.ts`,
    find: `settledBy: base.watermark ?? -Infinity }`,
    replace: `settledBy: -Infinity }`,
  },
];
