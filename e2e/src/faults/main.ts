import path from 'node:path';
import { parseArgs } from 'node:util';
import { startOwnServers } from '../own-servers.ts';
import { countLostWrites, type CommitLog } from './lost-writes.ts';
import { runRound, type RoundResult } from './run-round.ts';
import { addLostWrites, lostWritesText, resultsFile, summaryOf } from './write-results.ts';

const USAGE = `npm run faults -- --count N --seed S
  --count N    faults in all (60); a round of at most 60 has a project of its own, and the servers stay
  --seed S     of the first round (1); the next one has S + 1, so a run that was ended goes on where it was
  --rate N     events a second meanwhile (200)
  --write      adds what was found to docs/FAULTS.md, after each round
  --lost-writes batch | periodic
               instead: --count kills -9 of a Cassandra node under writes, with that commit log; what it had
               acknowledged is read back after each. Kill n has the seed S + n, so a series goes on where it was
It starts a Kafka and a Cassandra of its own (Java 17, see npm run services) and ends with 1 if anything did not hold.`;

const ROUND = 60;
const LOST_WRITES_KILLS = 30;
const RESULTS = path.resolve(import.meta.dirname, '../../../docs/FAULTS.md');

interface Asked {
  readonly count: number;
  readonly seed: number;
  readonly rate: number;
  readonly write: boolean;
  /** Count lost writes of a node with this commit log instead. */
  readonly lostWrites: CommitLog | null;
}

/** Null when they can not be understood. */
function readArguments(args: readonly string[]): Asked | null {
  try {
    const text = { type: 'string' } as const;
    const options = { count: text, seed: text, rate: text, 'lost-writes': text, write: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const { count, seed = '1', rate = '200', write = false, 'lost-writes': log } = values;
    if (log !== undefined && log !== 'batch' && log !== 'periodic') return null;
    const lostWrites: CommitLog | null = log ?? null;
    const kills = lostWrites === null ? ROUND : LOST_WRITES_KILLS;
    const asked = { count: Number(count ?? kills), seed: Number(seed), rate: Number(rate), write, lostWrites };
    return [asked.count, asked.seed, asked.rate].every((value) => Number.isInteger(value) && value > 0) ? asked : null;
  } catch {
    return null;
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run({ count, seed, rate, write }: Asked): Promise<number> {
  const servers = await startOwnServers((name, tookMs) =>
    say(`${name} is healthy after ${(tookMs / 1_000).toFixed(1)} s`),
  );
  const rounds: RoundResult[] = [];
  const results = write ? resultsFile(RESULTS, new Date()) : null;
  try {
    for (let left = count; left > 0;) {
      const next = seed + rounds.length;
      say(`seed ${next}: ${Math.min(ROUND, left)} faults under ${rate} events a second`);
      const task = { servers, seed: next, count: Math.min(ROUND, left), ratePerSecond: rate, say };
      const result = await runRound(task).catch((error: unknown) => notEnded(next, error));
      rounds.push(result);
      results?.write(rounds);
      left -= Math.min(ROUND, left);
      say(summaryOf([result]));
      if (left > 0) say(`to go on from here: npm run faults -- --count ${left} --seed ${next + 1}`);
    }
  } finally {
    await servers.remove();
  }
  if (rounds.length > 1) say(summaryOf(rounds));
  const struck = rounds.flatMap((round) => [...round.struck.values()]).reduce((sum, times) => sum + times, 0);
  const violations = rounds.reduce((sum, round) => sum + round.violations.length, 0);
  say(`${struck} passed, ${violations} failed`);
  return violations === 0 ? 0 : 1;
}

/** A round that did not come to its end has shown nothing: it counts as one that did not hold. */
function notEnded(seed: number, error: unknown): RoundResult {
  const violation = `the round did not come to its end: ${error instanceof Error ? error.message : String(error)}`;
  say(`VIOLATION (seed ${seed}): ${violation}`);
  return {
    seed,
    struck: new Map(),
    violations: [violation],
    events: 0,
    answers: 0,
    unasked: 0,
    freshMs: [],
    tookMs: 0,
  };
}

async function runLostWrites(commitLog: CommitLog, { count, seed, write }: Asked): Promise<number> {
  const found = await countLostWrites({ commitLog, kills: count, seed, say });
  say(lostWritesText(found));
  if (write) addLostWrites(RESULTS, found, new Date());
  // Of a commit log that is written later, a loss is what is measured.
  return commitLog === 'batch' && found.lost > 0 ? 1 : 0;
}

const asked = readArguments(process.argv.slice(2));
if (asked === null) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else process.exitCode = await (asked.lostWrites === null ? run(asked) : runLostWrites(asked.lostWrites, asked));
process.exit();
