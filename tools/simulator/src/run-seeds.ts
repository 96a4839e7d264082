import { COUNTERS, noCoverage, OPERATOR_COUNTERS, VERSION_COUNTERS, type Counter } from './coverage.ts';
import { runHistory } from './history.ts';
import { briefModel, shortModel, smallModel, type Model } from './model.ts';
import { randomProject } from './projects/random-project.ts';
import { upsertModel } from './projects/upsert-model.ts';
import { versionsModel } from './projects/versions-model.ts';

/** A run of at least so many seeds has to exercise everything. */
const ENOUGH_SEEDS = 200;

export interface SeedRun {
  readonly from: number;
  readonly seeds: number;
  readonly raised: boolean;
  readonly trace: boolean;
  readonly kind: HistoryKind;
}

/** Of the small project; of random projects, one a seed; of restatements and what operators make of them; of streams
 * that get a second version. */
export type HistoryKind = 'seeds' | 'projects' | 'upserts' | 'versions';

const NAMES = {
  seeds: 'histories',
  projects: 'random projects',
  upserts: 'histories with operators',
  versions: 'histories of stream versions',
} as const;

/** What six seeds in a row run: a short history costs half as much as a long one, a brief one a third, and finds as much. */
const SIZES: readonly Model[] = [smallModel, briefModel, shortModel, briefModel, shortModel, briefModel];

/** What a seed of a kind runs. */
export function modelOf(kind: HistoryKind, seed: number): Model {
  if (kind === 'projects') return randomProject(seed);
  if (kind === 'upserts') return upsertModel;
  if (kind === 'versions') return versionsModel;
  return SIZES[seed % SIZES.length] ?? smallModel;
}

/** Runs histories one after the other and prints what they found; 0 when all invariants hold. */
export async function runSeeds({ from, seeds, raised, trace, kind }: SeedRun): Promise<number> {
  const coverage = noCoverage();
  const more = { seeds: [], projects: [], upserts: OPERATOR_COUNTERS, versions: VERSION_COUNTERS } as const;
  const counters: readonly Counter[] = [...COUNTERS, ...more[kind]];
  let failed = 0;
  let steps = 0;
  let hash = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await runHistory(seed, {
      raised,
      model: modelOf(kind, seed),
      ...(trace ? { trace: (line) => console.log(line) } : {}),
    });
    for (const name of counters) coverage[name] += result.coverage[name];
    steps += result.steps;
    hash = (Math.imul(hash, 31) + result.hash) >>> 0;
    if (result.violation === null) continue;
    failed++;
    console.log(`seed ${seed}: ${result.violation.invariant}: ${result.violation.message}`);
    console.log(`  again: npm run sim -- --from ${seed} --${kind} 1${raised ? ' --raised' : ''} --trace`);
  }
  console.log(
    `${seeds} ${NAMES[kind]}${raised ? ' with raised fault rates' : ''}, ${steps} steps, trace hash ${hash.toString(16)}`,
  );
  // Restatements are never ahead of time.
  const missing = counters.filter((name) => coverage[name] === 0 && !(kind === 'upserts' && name === 'aheadRejected'));
  console.log(counters.map((name) => `${name} ${coverage[name]}`).join(', '));
  if (seeds >= ENOUGH_SEEDS && missing.length > 0) {
    failed++;
    console.log(`never exercised: ${missing.join(', ')}`);
  }
  console.log(`${seeds - Math.min(seeds, failed)} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
