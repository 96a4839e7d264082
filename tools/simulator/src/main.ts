import { parseArgs } from 'node:util';
import { bugNamed, plant } from './bugs/plant.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    projects: { type: 'string' },
    upserts: { type: 'string' },
    versions: { type: 'string' },
    from: { type: 'string', default: '1' },
    raised: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    bugs: { type: 'boolean', default: false },
    only: { type: 'string' },
    plant: { type: 'string' },
    first: { type: 'string' },
    afresh: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
  },
});

const { raised, trace, afresh, only = null } = values;
const from = Number(values.from);
const kind = (['projects', 'upserts', 'versions'] as const).find((each) => values[each] !== undefined) ?? 'seeds';
const seeds = Number(
  values.projects ??
    values.upserts ??
    values.versions ??
    values.seeds ??
    (values.bugs || values.plant !== undefined ? 300 : 200),
);
// The services are loaded after the bug is planted: what they are made of is decided here.
if (values.plant !== undefined) plant(bugNamed(values.plant));
const { runSeeds } = await import('./run-seeds.ts');
const { runJobs } = await import('./run-jobs.ts');
const { runBugs, searchHere } = await import('./bugs/run-bugs.ts');
process.exitCode =
  values.plant !== undefined
    ? await searchHere(
        { from, seeds, raised, kind: bugNamed(values.plant).kind ?? 'seeds' },
        values.first === undefined ? null : Number(values.first),
      )
    : values.bugs
      ? await runBugs({ from, seeds, only, afresh })
      : Number(values.jobs) > 1
        ? await runJobs({ from, seeds, raised, kind }, Number(values.jobs))
        : await runSeeds({ from, seeds, raised, trace, kind });
// What killed processes wait for never comes.
process.exit();
