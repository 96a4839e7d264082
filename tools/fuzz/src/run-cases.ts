import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BatchEngine } from '@twofold/batch-engine';
import { canonicalJson } from '@twofold/schemas';
import { viewFacts, type View } from '@twofold/views';
import { archiveLog, type ArchivedLog } from './archived-log.ts';
import { checkCase } from './check-case.ts';
import { Draw } from './draw.ts';
import type { OpenEngine } from './engines.ts';
import { randomLog, type RandomLog } from './random-log.ts';
import { randomStream } from './random-stream.ts';
import { MEASURE_KINDS, randomView } from './random-view.ts';
import { smallestLog } from './smallest-log.ts';

export interface FuzzRun {
  readonly cases: number;
  readonly seed: number;
  /** Number of the first case: the same seed and number are the same case. */
  readonly from: number;
  /** Cases over one log that are checked at a time: more where an engine mostly waits for another process. */
  readonly atOnce: number;
  /** By name. */
  readonly engines: Readonly<Record<string, OpenEngine>>;
  readonly print: (line: string) => void;
}

/** Views that are made over one log. */
const viewsOfLog = 5;
/** So many cases have every kind of measure. */
const enough = 50;
/** Failing cases that are shown before the rest is left alone. */
const shown = 5;

/** Runs the cases one after the other and prints what disagrees; gives how many did. */
export async function runCases(run: FuzzRun): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'twofold-fuzz-'));
  const engines = new Map<string, BatchEngine>();
  try {
    for (const [name, open] of Object.entries(run.engines)) engines.set(name, await open(path.join(folder, name)));
    return await runAll(run, folder, engines);
  } finally {
    for (const engine of engines.values()) await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runAll(run: FuzzRun, folder: string, engines: ReadonlyMap<string, BatchEngine>): Promise<number> {
  const { seed, from, cases, print } = run;
  const seen = new Map<string, number>();
  let failed = 0;
  let done = 0;
  for (let number = from; number < from + cases && failed < shown;) {
    const logNumber = Math.floor(number / viewsOfLog);
    const below = Math.min(from + cases, (logNumber + 1) * viewsOfLog);
    const log = await logOf(folder, seed, logNumber);
    const drawn = Array.from({ length: below - number }, (_, i) => ({
      number: number + i,
      view: randomView(drawOf(seed, number + i, 1), log.source.random, 'fuzzed', number + i),
    }));
    const check = (each: (typeof drawn)[number], of: ArchivedLog): Promise<string | null> =>
      faultOf(each.view, of, engines, drawOf(seed, each.number, 2));
    const faults = await inTurns(drawn, run.atOnce, (each) => check(each, log));
    for (const [i, each] of drawn.entries()) {
      note(seen, each.view);
      done++;
      const fault = faults[i] ?? null;
      if (fault === null) continue;
      failed++;
      print(`case ${each.number} of seed ${seed}: ${fault}`);
      const part = path.join(folder, 'part');
      const smallest = await smallestLog(
        log.source,
        async (some) => (await check(each, await archiveLog(part, some, []))) !== null,
      );
      describe(print, each.view, smallest);
      print(`  again: npm run fuzz -- --seed ${seed} --from ${each.number} --cases 1`);
    }
    number = below;
  }
  const kinds = [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${kind} ${count}`);
  print(`${done} cases of seed ${seed} over ${[...engines.keys()].join(', ')}: ${kinds.join(', ')}`);
  const lacking = MEASURE_KINDS.filter((kind) => !seen.has(kind));
  if (done >= enough && lacking.length > 0) {
    failed++;
    print(`no case has ${lacking.join(', ')}`);
  }
  print(`${done - Math.min(done, failed)} passed, ${failed} failed`);
  return failed;
}

/** What `work` makes of each, so many at a time. */
async function inTurns<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += atOnce)
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  return results;
}

function logOf(folder: string, seed: number, number: number): Promise<ArchivedLog> {
  const draw = drawOf(seed, number, 0);
  const source = randomLog(draw, randomStream(draw, 'fuzzed'));
  const fileEnds = source.ends.map((end) => (draw.chance(0.5) ? [draw.int(0, end)] : []));
  return archiveLog(path.join(folder, 'log'), source, fileEnds);
}

/** What is drawn for a case depends on nothing but its seed and number. */
function drawOf(seed: number, number: number, purpose: number): Draw {
  return new Draw(Math.imul(seed, 0x9e3779b1) ^ (number * 4 + purpose));
}

/** Also what was thrown is a disagreement. */
async function faultOf(
  view: View,
  log: ArchivedLog,
  engines: ReadonlyMap<string, BatchEngine>,
  draw: Draw,
): Promise<string | null> {
  try {
    return await checkCase(view, log, engines, draw);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Windows and measures by kind; measures that have their value from the same components are different ones. */
function note(seen: Map<string, number>, { window, measures }: View): void {
  for (const kind of new Set([window.kind, ...measures.map((measure) => measure.kind)]))
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
}

function describe(print: (line: string) => void, view: View, { records }: RandomLog): void {
  const { where, dimensions, measures } = viewFacts(view);
  print(
    `  view ${canonicalJson({ where: where ?? null, dimensions: dimensions ?? null, measures: measures ?? null })}`,
  );
  print(`  of ${records.length} records:`);
  for (const { partition, offset, value } of records)
    print(`    ${partition}/${offset} ${value === null ? 'null' : new TextDecoder().decode(value)}`);
}
