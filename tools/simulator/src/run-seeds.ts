import { COUNTERS, noCoverage } from './coverage.ts';
import { runHistory } from './history.ts';
import { randomProject } from './projects/random-project.ts';

/** A run of at least so many seeds has to exercise everything. */
const ENOUGH_SEEDS = 200;

export interface SeedRun {
  readonly from: number;
  readonly seeds: number;
  readonly raised: boolean;
  readonly trace: boolean;
  /** Random projects, one a seed, instead of the small one. */
  readonly projects: boolean;
}

/** Runs histories one after the other and prints what they found; 0 when all invariants hold. */
export async function runSeeds({ from, seeds, raised, trace, projects }: SeedRun): Promise<number> {
  const coverage = noCoverage();
  let failed = 0;
  let steps = 0;
  let hash = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await runHistory(seed, {
      raised,
      ...(trace ? { trace: (line) => console.log(line) } : {}),
      ...(projects ? { model: randomProject(seed) } : {}),
    });
    for (const name of COUNTERS) coverage[name] += result.coverage[name];
    steps += result.steps;
    hash = (Math.imul(hash, 31) + result.hash) >>> 0;
    if (result.violation === null) continue;
    failed++;
    console.log(`seed ${seed}: ${result.violation.invariant}: ${result.violation.message}`);
    console.log(
      `  again: npm run sim -- --from ${seed} ${projects ? '--projects' : '--seeds'} 1${raised ? ' --raised' : ''} --trace`,
    );
  }
  console.log(
    `${seeds} ${projects ? 'random projects' : 'histories'}${raised ? ' with raised fault rates' : ''}, ${steps} steps, trace hash ${hash.toString(16)}`,
  );
  const missing = COUNTERS.filter((name) => coverage[name] === 0);
  console.log(COUNTERS.map((name) => `${name} ${coverage[name]}`).join(', '));
  if (seeds >= ENOUGH_SEEDS && missing.length > 0) {
    failed++;
    console.log(`never exercised: ${missing.join(', ')}`);
  }
  console.log(`${seeds - Math.min(seeds, failed)} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
