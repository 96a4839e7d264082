import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { allFaults } from './choose-faults.ts';
import type { LostWrites } from './lost-writes.ts';
import type { RoundResult } from './run-round.ts';
import { lastKinds } from './strike-last.ts';

const HEAD = `# Faults

Written by \`npm run faults -- --write\`: real processes over a real Kafka and Cassandra, struck while events flow. A
violation is an answer, then or meanwhile, that is not the oracle's over the positions it claims; an event lost or counted
twice; an applied offset or an answer that went back; or services that are not fresh again within two minutes.

Every round ends with a fault that nobody can undo: a table of the store is emptied (every service has to end and say so, and
a new store is made from archive and log), or the topic is deleted and made again (every layer has to name it, and nothing of
it may be archived or answered). That it is not named, within a minute, is a violation, too.
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

/** What a series of kills lost, on a line. */
export function lostWritesText({ commitLog, kills, seed, acknowledged, lost }: LostWrites): string {
  return (
    `${kills} × kill -9 of a Cassandra node under writes, commit log ${commitLog}, seeds ${seed} to ${seed + kills - 1}: ` +
    `${acknowledged} rows of 2 KiB acknowledged, ${lost} of them lost`
  );
}

/** Adds a section on a series of kills to the file of results. */
export function addLostWrites(file: string, found: LostWrites, at: Date): void {
  append(file, [
    `## ${dayOf(at)}, acknowledged writes (commit log ${found.commitLog})`,
    '',
    `${machine()} ${lostWritesText(found)}.`,
  ]);
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
const machine = (): string =>
  `${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.versions.node}.`;

function append(file: string, lines: readonly string[]): void {
  writeFileSync(file, `${textBefore(file)}${lines.join('\n')}\n`);
}

const textBefore = (file: string): string => `${(existsSync(file) ? readFileSync(file, 'utf8') : HEAD).trimEnd()}\n\n`;

/** A section of the file of results, written anew after each round: a series that is ended leaves what it found. */
export function resultsFile(file: string, at: Date): { write(rounds: readonly RoundResult[]): void } {
  const before = textBefore(file);
  return { write: (rounds) => writeFileSync(file, `${before}${sectionOf(rounds, at).join('\n')}\n`) };
}

function sectionOf(rounds: readonly RoundResult[], at: Date): string[] {
  const seeds = [rounds[0]?.seed ?? 0, rounds.at(-1)?.seed ?? 0];
  const kinds = kindsOf(rounds);
  return [
    `## ${dayOf(at)}, seeds ${seeds.join(' to ')}`,
    '',
    `${machine()} ${summaryOf(rounds)}.`,
    ...rounds.flatMap(({ seed, violations }) => violations.map((each) => `\n- Seed ${seed}: ${each}`)),
    '',
    '| kind | times |',
    '| --- | --- |',
    ...[...allFaults.map(({ kind }) => kind), ...lastKinds].map((kind) => `| ${kind} | ${kinds.get(kind) ?? 0} |`),
  ];
}
