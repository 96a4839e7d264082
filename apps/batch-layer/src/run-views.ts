import { correctionsOf, liveRelease, releaseOf, type ControlRow, type Entry } from '@twofold/releases';
import { isTwofoldError } from '@twofold/schemas';
import type { RunInput, RunOutput } from '@twofold/schedules';
import type { View } from '@twofold/views';
import { createHash } from 'node:crypto';
import { readControl } from './change-control.ts';
import type { JobResult, RunWork } from './job.ts';
import { patiently } from './patiently.ts';
import type { BatchPorts } from './ports.ts';
import { progressWatch } from './progress-watch.ts';
import type { RecomputeOptions, RecomputeResult } from './recompute-views.ts';

export type Recompute = (
  views: readonly View[],
  signal: AbortSignal,
  options: RecomputeOptions & { readonly passing: readonly string[] },
) => Promise<RecomputeResult>;

/**
 * A run's views, together in one release. When that fails for good, each on its own at the same cut, so that one view
 * does not hold up the others: what failed is in the record, and can be done again at that cut.
 */
export async function runViews(
  views: readonly View[],
  work: RunWork,
  recompute: Recompute,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<JobResult> {
  const inputs = new RunInputs(work, await readControl(ports.store.control, ports.clock, signal), ports);
  const { mark, passing = [] } = work;
  const options = { mark, passing, ...(work.again === null ? {} : { again: work.again }), ...inputs.options() };
  try {
    const result = await recompute(views, signal, options);
    return { release: result.release, facts: result.facts, outputs: await outputsOf(views, result, ports, signal) };
  } catch (error) {
    const mayPass = !isTwofoldError(error) || error.retryable;
    if (signal.aborted || views.length === 1 || (mayPass && !work.isLast)) throw error;
    return oneByOne(
      views,
      error,
      (view) => recompute([view], signal, { ...options, ...inputs.options(true) }),
      ports,
      signal,
    );
  }
}

/** @throws `first`, why they failed together, when no view can be done on its own either */
async function oneByOne(
  views: readonly View[],
  first: unknown,
  recompute: (view: View) => Promise<RecomputeResult>,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<JobResult> {
  const outputs: RunOutput[] = [];
  const facts: Record<string, number> = {};
  let release: string | null = null;
  for (const view of views)
    try {
      const result = await recompute(view);
      release = result.release ?? release;
      for (const [name, value] of Object.entries(result.facts)) facts[name] = (facts[name] ?? 0) + value;
      outputs.push(...(await outputsOf([view], result, ports, signal)));
    } catch (error) {
      if (signal.aborted) throw error;
      outputs.push({ ...nothing(view), state: 'FAILED', error: told(error) });
    }
  if (release === null) throw first;
  return { release, facts, outputs, error: outputs.find(({ error }) => error !== null)?.error ?? null };
}

/** The cuts that a run takes, once for all of its views; and what it has built so far. */
class RunInputs {
  readonly #work: RunWork;
  readonly #row: ControlRow | null;
  readonly #ports: Pick<BatchPorts, 'clock'>;
  readonly #chosen = new Map<string, RunInput & { cut: number[] }>();

  constructor(work: RunWork, row: ControlRow | null, ports: Pick<BatchPorts, 'clock'>) {
    this.#work = work;
    this.#row = row;
    this.#ports = ports;
  }

  /** @param same the cuts that were chosen before */
  options(same = false): Pick<RecomputeOptions, 'chooseCut' | 'watch'> {
    const cuts = same
      ? Object.fromEntries([...this.#chosen.values()].map(({ view, cut }) => [view, [...cut]]))
      : this.#work.cuts;
    return {
      chooseCut: (view, partition, from, archived) => {
        const cut = Math.max(from, Math.min(archived, cuts?.[view.name]?.[partition] ?? archived));
        this.#choose(view, partition, cut);
        return cut;
      },
      watch: this.#watch(),
    };
  }

  #choose(view: View, partition: number, cut: number): void {
    const row = this.#row;
    const corrections = row === null ? [] : correctionsOf(row, liveRelease(row), view.stream.name);
    const { name, version, fingerprint } = view;
    const input = this.#chosen.get(name) ?? { view: name, version, fingerprint, cut: [], corrections };
    input.cut[partition] = cut;
    this.#chosen.set(name, input);
    this.#work.note({ inputs: [...this.#chosen.values()].map((each) => ({ ...each, cut: [...each.cut] })) });
  }

  #watch(): NonNullable<RecomputeOptions['watch']> {
    const progress = progressWatch(this.#ports.clock, (now) => this.#work.note({ progress: now }));
    return {
      ...progress,
      planned: (entries, parts) => {
        const planned = new Map(entries.map((entry) => [entry.view, inputOf(entry)]));
        const others = [...this.#chosen.values()].filter(({ view }) => !planned.has(view));
        this.#work.note({ inputs: [...planned.values(), ...others] });
        progress.planned(entries, parts);
      },
      gated: (results) => {
        if (results.length > 0) this.#work.note({ gates: [...results] });
      },
    };
  }
}

function inputOf({ view, version, fingerprint, cut, corrections }: Entry): RunInput {
  return { view, version, fingerprint, cut, corrections };
}

/** What became of each view, as its build in the release says. */
export async function outputsOf(
  views: readonly View[],
  result: Pick<RecomputeResult, 'release' | 'views'>,
  { store, clock }: Pick<BatchPorts, 'store' | 'clock'>,
  signal: AbortSignal,
): Promise<RunOutput[]> {
  const row = result.release === null ? null : await readControl(store.control, clock, signal);
  const release = row === null ? null : releaseOf(row, result.release ?? '');
  const outputs: RunOutput[] = [];
  for (const view of views) {
    const build = row?.entries[release?.entries[view.name] ?? '']?.build ?? null;
    if (build === null || !result.views.includes(view.name)) {
      outputs.push(nothing(view));
      continue;
    }
    const parts = (await patiently(clock, () => store.parts.index(build), signal))?.parts ?? [];
    const ordered = [...parts].sort((a, b) => a.widthMs - b.widthMs || a.from - b.from);
    const hash = createHash('sha256');
    for (const { widthMs, from, to, sha256 } of ordered) hash.update(`${widthMs} ${from} ${to} ${sha256}\n`);
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    outputs.push({ ...nothing(view), state: 'SUCCEEDED', parts: parts.length, rows, sha256: hash.digest('hex') });
  }
  return outputs;
}

function nothing({ name: view }: View): RunOutput {
  return { view, state: 'UNCHANGED', parts: 0, rows: 0, sha256: null, error: null };
}

function told(error: unknown): { code: string; message: string } {
  if (isTwofoldError(error)) return { code: error.code, message: error.message };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}
