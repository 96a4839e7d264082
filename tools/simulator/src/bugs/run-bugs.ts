import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { runHistory } from '../history.ts';
import { modelOf, type HistoryKind, type SeedRun } from '../run-seeds.ts';
import { PLANTED_BUGS, type NamedTest, type PlantedBug } from './planted-bugs.ts';
import { failureWith } from './run-test.ts';

export interface Caught {
  readonly seed: number;
  readonly invariant: string;
  readonly message: string;
  readonly raised: boolean;
}

/** Marks the one line in which a child tells what it caught. */
export const CAUGHT = '@caught ';

const CHILDREN = 2;
/** By bug, the first seed that showed it when all were last looked for from the first on. */
const FIRST_SEEDS = new URL('./first-seeds.json', import.meta.url);

export interface BugSearch {
  readonly from: number;
  readonly seeds: number;
  readonly only: string | null;
  /** Looks from seed to seed although it is known where a bug was found before, and notes where it is found now. */
  readonly afresh: boolean;
}

/**
 * Plants each bug in a process of its own, looks for the first seed that shows it, and runs that seed without it. Where it
 * was found before is looked at first. A bug that names a test is planted in that instead.
 */
export async function runBugs(options: BugSearch): Promise<number> {
  const known = options.afresh ? {} : (JSON.parse(readFileSync(FIRST_SEEDS, 'utf8')) as Record<string, number>);
  const seeds: Record<string, number> = {};
  const waiting = PLANTED_BUGS.filter(({ name }) => options.only === null || name === options.only);
  const total = waiting.length;
  let failed = 0;
  const next = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const { name, test } = bug;
      if (test !== undefined) {
        if (!reportTest(name, test, await failureWith(name, test))) failed++;
        continue;
      }
      const found = await search(name, known[name] ?? null, options);
      if (typeof found !== 'string') seeds[name] = found.seed;
      if (!(await report(bug, found))) failed++;
    }
  };
  await Promise.all(Array.from({ length: CHILDREN }, next));
  if (options.afresh && options.only === null) writeFileSync(FIRST_SEEDS, `${JSON.stringify(seeds, null, 2)}\n`);
  console.log(`${total} planted bugs`);
  console.log(`${total - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

let running: Promise<unknown> = Promise.resolve();

/** One history at a time in this process: it watches for rejections that nobody handles. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const mine = running.then(work);
  running = mine.catch(() => undefined);
  return mine;
}

/** By seed: what its history ends in without a bug. Many bugs are first shown by the same seeds. */
const unplanted = new Map<string, Promise<string | null>>();

function endOf(kind: HistoryKind, { seed, raised }: Caught): Promise<string | null> {
  const key = `${kind} ${seed} ${raised}`;
  const known = unplanted.get(key);
  if (known !== undefined) return known;
  const end = alone(
    async () => (await runHistory(seed, { raised, model: modelOf(kind, seed) })).violation?.message ?? null,
  );
  unplanted.set(key, end);
  return end;
}

async function report({ name, kind }: PlantedBug, found: Caught | string): Promise<boolean> {
  if (typeof found === 'string') {
    console.log(`${name}: NOT CAUGHT: ${found}`);
    return false;
  }
  const violation = await endOf(kind ?? 'seeds', found);
  const green = violation === null ? 'green without it' : `NOT GREEN WITHOUT IT: ${violation}`;
  console.log(`${name}: ${found.invariant}, first at seed ${found.seed}, ${green}\n    ${found.message.slice(0, 200)}`);
  return violation === null;
}

/** That the test passes without the bug is what the run of all tests shows. */
function reportTest(name: string, { project, title }: NamedTest, failure: string | null): boolean {
  const how = failure === null ? 'NOT CAUGHT by' : 'caught by';
  console.log(
    `${name}: ${how} the test "${title}" of ${project}${failure === null ? '' : `\n    ${failure.slice(0, 200)}`}`,
  );
  return failure !== null;
}

function search(name: string, known: number | null, { from, seeds }: BugSearch): Promise<Caught | string> {
  const main = new URL('../main.ts', import.meta.url).pathname;
  const args = [
    ...process.execArgv,
    main,
    '--plant',
    name,
    '--from',
    String(from),
    '--seeds',
    String(seeds),
    '--raised',
    ...(known === null ? [] : ['--first', String(known)]),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', () => {
      const line = output.split('\n').find((each) => each.startsWith(CAUGHT));
      resolve(line === undefined ? output.slice(-400) : (JSON.parse(line.slice(CAUGHT.length)) as Caught));
    });
  });
}

/** In the child: the first history that the bug breaks; before all others, that of the seed that is known. */
export async function searchHere(
  { from, seeds, raised, kind }: Omit<SeedRun, 'trace'>,
  known: number | null,
): Promise<number> {
  const inOrder = Array.from({ length: seeds }, (_, i) => from + i);
  for (const seed of known === null ? inOrder : [known, ...inOrder]) {
    const { violation } = await runHistory(seed, { raised, model: modelOf(kind, seed) });
    if (violation === null) continue;
    const { invariant, message } = violation;
    const caught: Caught = { seed, invariant, message, raised };
    console.log(`${CAUGHT}${JSON.stringify(caught)}`);
    return 0;
  }
  console.log(`${seeds} seeds from ${from} on show nothing`);
  return 1;
}
