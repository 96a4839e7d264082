import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { allFaults } from './choose-faults.ts';
import type { RoundResult } from './run-round.ts';

const HEAD = `# Faults

Written by \`npm run faults -- --write\`: real processes over a real Kafka and Cassandra, struck while events flow. A
violation is an answer, then or meanwhile, that is not the oracle's over the positions it claims; an event lost or counted
twice; an applied offset or an answer that went back; or services that are not fresh again within two minutes.
`;

/** What some rounds found, on a line. */
export function summaryOf(rounds: readonly RoundResult[]): string {
  const byKind = kindsOf(rounds);
  const sum = (of: (round: RoundResult) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  const fresh = rounds.flatMap(({ freshMs }) => freshMs).sort((a, b) => a - b);
  const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1_000).toFixed(1);
  return (
    `${sum(({ struck }) => [...struck.values()].reduce((a, b) => a + b, 0))} faults of ${byKind.size} kinds in ` +
    `${seconds(sum(({ tookMs }) => tookMs))} s: ${sum(({ violations }) => violations.length)} violations; ` +
    `${sum(({ events }) => events)} events and ${sum(({ answers }) => answers)} answers compared, fresh again after ` +
    `${seconds(fresh[0])} to ${seconds(fresh.at(-1))} s, ${sum(({ unasked }) => unasked)} services ended unasked and were started again`
  );
}

function kindsOf(rounds: readonly RoundResult[]): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const { struck } of rounds) for (const [kind, times] of struck) kinds.set(kind, (kinds.get(kind) ?? 0) + times);
  return kinds;
}

/** Adds a section to the file of results. */
export function addResults(file: string, rounds: readonly RoundResult[], at: Date): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : HEAD;
  const seeds = [rounds[0]?.seed ?? 0, rounds.at(-1)?.seed ?? 0];
  const kinds = kindsOf(rounds);
  const lines = [
    `## ${at.toISOString().slice(0, 10)}, seeds ${seeds.join(' to ')}`,
    '',
    `${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.versions.node}. ${summaryOf(rounds)}.`,
    ...rounds.flatMap(({ seed, violations }) => violations.map((each) => `\n- Seed ${seed}: ${each}`)),
    '',
    '| kind | times |',
    '| --- | --- |',
    ...allFaults.map(({ kind }) => `| ${kind} | ${kinds.get(kind) ?? 0} |`),
  ];
  writeFileSync(file, `${before.trimEnd()}\n\n${lines.join('\n')}\n`);
}
