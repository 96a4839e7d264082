import { CorrectionError, type CorrectionNote, type CorrectionPlan, type ReleaseDiff } from '@twofold/corrections';
import { correctionsOf, liveRelease } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { patiently } from '../patiently.ts';
import type { BatchPorts, BatchProject } from '../ports.ts';
import { mustRead, type RecomputeResult } from '../recompute-views.ts';
import { outputsOf } from '../run-views.ts';
import { movedOr } from '../source-files.ts';
import { applyCorrection, type ApplyGround, type ApplyOptions, type ApplyResult } from './apply-correction.ts';
import { withSource, type CorrectionRequest } from './correction-request.ts';
import { loadDiff } from '../review/diff-store.ts';
import { planCorrection } from './plan-correction.ts';
import { applyRedaction } from './redaction/apply-redaction.ts';
import { planRedaction } from './redaction/plan-redaction.ts';
import { planRevert } from './plan-revert.ts';
import { loadPlan } from './plan-store.ts';
import { readGround, type PlanningGround } from './planning-ground.ts';
import { recordRun, type RunEnded } from './record-run.ts';

/** What corrections need of the batch layer that they are part of. */
export interface CorrectionsOf {
  /** Archives up to now. @throws what stops this stream */
  archive(stream: string, signal: AbortSignal): Promise<void>;
  /** Archives up to now, recomputes views and promotes them; says what that changed, where it looked. */
  recompute(views: readonly View[], signal: AbortSignal): Promise<Pick<RecomputeResult, 'diff'>>;
}

/** A plan that read a file which a larger one replaced meanwhile is made again. */
const ATTEMPTS = 5;

/** plan → build → diff → gate → promote, and the way back (E20). */
export class Corrections {
  readonly #project: BatchProject;
  readonly #ports: BatchPorts;
  readonly #layer: CorrectionsOf;

  constructor(project: BatchProject, ports: BatchPorts, layer: CorrectionsOf) {
    this.#project = project;
    this.#ports = ports;
    this.#layer = layer;
  }

  /** Resolves what a correction hits, with everything that is archived by now; changes nothing that is served. */
  async plan(request: CorrectionRequest, signal: AbortSignal): Promise<CorrectionPlan> {
    const stream = this.#streamOf(request.stream);
    const plan = request.kind === 'redact' ? planRedaction : planCorrection;
    if (request.kind === 'redact') this.#requireRaw(stream);
    const meant = await withSource(request, this.#ports);
    return this.#onGround(stream, signal, (ground) => plan(meant, ground, this.#ports, signal));
  }

  /** The plan that takes a correction back. */
  async planRevert(id: string, note: CorrectionNote, signal: AbortSignal): Promise<CorrectionPlan> {
    for (const { stream } of this.#project.streams) {
      const list = await this.#ports.archive.corrections(stream.name).list();
      if (list.some((correction) => correction.id === id))
        return this.#onGround(stream, signal, (ground) => planRevert(id, note, ground, this.#ports));
    }
    throw new CorrectionError('CORRECTION_UNKNOWN', `There is no correction ${id}. Nothing was changed.`);
  }

  /** Throws PLAN_UNKNOWN. */
  async planOf(id: string): Promise<CorrectionPlan> {
    return loadPlan(this.#ports.archive, this.#streamNames(), id);
  }

  async apply(planId: string, options: ApplyOptions, signal: AbortSignal): Promise<ApplyResult> {
    const plan = await this.planOf(planId);
    const stream = this.#streamOf(plan.stream);
    const views = this.#project.views.filter((view) => view.stream.name === stream.name);
    const topic = this.#project.streams.find((each) => each.stream === stream)?.topic ?? stream.name;
    const { gates = [], restatements = 'corrections' } = this.#project;
    const ground: ApplyGround = {
      ...{ plan, stream, topic, views, restatements },
      bringUp: (some, stop) => this.#layer.recompute(some, stop),
    };
    // What a redaction changes is compared with nothing: a difference would keep what is to be erased.
    const all = plan.kind === 'redact' ? options : { ...options, gates: [...gates, ...options.gates] };
    const facts = { plan: plan.id, kind: plan.kind, ...(options.preview ? { preview: 1 } : {}) };
    const begun = {
      job: `correct ${stream.name}`,
      subjects: views.map(({ name }) => name),
      trigger: 'CORRECTION',
      facts,
    } as const;
    const how = plan.kind === 'redact' ? applyRedaction : applyCorrection;
    const work = (): Promise<ApplyResult> => how(ground, all, this.#ports, signal);
    return recordRun(begun, this.#ports, signal, work, (result) => this.#endOf(plan, views, result, signal));
  }

  async #endOf(
    plan: CorrectionPlan,
    views: readonly View[],
    result: ApplyResult,
    signal: AbortSignal,
  ): Promise<RunEnded> {
    const { release, diff, correction, facts } = result;
    const corrections = [...plan.base, correction];
    const inputs = views.map(({ name: view, version, fingerprint }) => {
      return { view, version, fingerprint, cut: diff?.cut[view] ?? plan.cut, corrections };
    });
    const names = views.map(({ name }) => name);
    const outputs = await outputsOf(views, { release, views: names }, this.#ports, signal);
    return { release, inputs, outputs, gates: diff?.gates ?? [], facts: { ...facts, correction } };
  }

  /** What a release, or a candidate that a gate stopped, changed; null: nothing was compared. */
  async diffOf(release: string): Promise<ReleaseDiff | null> {
    return loadDiff(this.#ports.archive, this.#streamNames(), release);
  }

  async #onGround<T>(stream: Stream, signal: AbortSignal, work: (ground: PlanningGround) => Promise<T>): Promise<T> {
    const { archive, clock } = this.#ports;
    await this.#layer.archive(stream.name, signal);
    for (let attempt = 1; ; attempt++) {
      const row = await mustRead(this.#ports, signal);
      const ground = await patiently(clock, () => readGround(stream, this.#project.views, row, archive), signal);
      await this.#requireUndisturbed(ground);
      try {
        return await work(ground);
      } catch (error) {
        const moved = await movedOr(error, [ground.state], archive);
        if (moved === error || attempt === ATTEMPTS) throw moved;
      }
    }
  }

  /** While a redaction is under way the archive lacks what the live release still counts. */
  async #requireUndisturbed({ stream, row, state }: PlanningGround): Promise<void> {
    const { name } = stream;
    const inForce = correctionsOf(row, liveRelease(row), name);
    const list = state.redactions.length === 0 ? [] : await this.#ports.archive.corrections(name).list();
    const ahead = state.redactions.flatMap((number) => list[number]?.id ?? []).find((id) => !inForce.includes(id));
    const mark = row.redactions?.[name];
    const under = ahead ?? (mark?.release === null ? mark.correction : undefined);
    if (under === undefined) return;
    throw new CorrectionError(
      'REDACTING',
      `Stream ${name} is being redacted by correction ${under}; finish that first, by applying its plan again. Nothing was changed.`,
    );
  }

  /** Of restatements the rows before and after are in another log, and in the operator's state. */
  #requireRaw({ name, change }: Stream): void {
    const made = this.#project.streams.find(({ stream }) => stream.change?.of.name === name)?.stream.name;
    if (change === undefined && made === undefined) return;
    throw new CorrectionError(
      'NOT_BUILT_YET',
      change === undefined
        ? `Stream ${name} is what change stream ${made} is made of: its rows stand in that log too, and in the state of its operator, which a redaction does not reach yet. Nothing was erased.`
        : `Stream ${name} is made of ${change.of.name} by an operator, whose state a redaction does not reach yet. Nothing was erased.`,
    );
  }

  #streamNames(): string[] {
    return this.#project.streams.map(({ stream }) => stream.name);
  }

  #streamOf(name: string): Stream {
    const found = this.#project.streams.find(({ stream }) => stream.name === name);
    if (found !== undefined) return found.stream;
    throw new CorrectionError(
      'CORRECTION_INVALID',
      `Project ${this.#project.id} has no stream ${name}. It has: ${this.#streamNames().join(', ')}.`,
    );
  }
}
