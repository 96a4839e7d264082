import {
  CorrectionError,
  type CorrectionKind,
  type CorrectionNote,
  type CorrectionPlan,
  type ReleaseDiff,
} from '@twofold/corrections';
import { correctionsOf, liveRelease } from '@twofold/releases';
import type { RunProgress } from '@twofold/schedules';
import type { Stream } from '@twofold/schemas';
import { DEFAULT_RESTATEMENTS, type View } from '@twofold/views';
import { patiently } from '../patiently.ts';
import type { BatchPorts, BatchProject, StreamTopic } from '../ports.ts';
import { progressWatch } from '../progress-watch.ts';
import { mustRead, type RecomputeResult } from '../recompute-views.ts';
import { outputsOf } from '../run-views.ts';
import { movedOr } from '../source-files.ts';
import { findByKey } from './append-link.ts';
import { applyCorrection, type ApplyGround, type ApplyOptions, type ApplyResult } from './apply-correction.ts';
import { requireCorrectable, requireViews } from './correctable.ts';
import { withSource, type CorrectionRequest } from './correction-request.ts';
import { knownRequest, requestHash, requireKeyElsewhere, revertHash } from './known-request.ts';
import { loadDiff } from '../review/diff-store.ts';
import { planCorrection } from './plan-correction.ts';
import { applyRedaction } from './redaction/apply-redaction.ts';
import { awaitOperator } from './redaction/await-operator.ts';
import { loadCertificate } from './redaction/certificate.ts';
import { eraseRepeats, type ErasedRepeats, type RepeatsTask } from './redaction/erase-repeats.ts';
import { planRedaction } from './redaction/plan-redaction.ts';
import { planRows } from './redaction/plan-rows.ts';
import { planRevert } from './plan-revert.ts';
import { loadPlan } from './plan-store.ts';
import { requireBase, requireFree, requireShown } from './still-as-shown.ts';
import { readGround, type PlanningGround } from './planning-ground.ts';
import { recordRun, type RunEnded, type RunMaker } from './record-run.ts';

/** What corrections need of the batch layer that they are part of. */
export interface CorrectionsOf {
  /** Archives up to now. @throws what stops this stream */
  archive(stream: string, signal: AbortSignal): Promise<void>;
  /** Archives up to now, recomputes views and promotes them; says what that changed, where it looked. */
  recompute(views: readonly View[], signal: AbortSignal): Promise<Pick<RecomputeResult, 'diff'>>;
  /** For the records of runs. */
  readonly maker?: RunMaker;
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

  /**
   * Resolves what a correction hits, with everything that is archived by now; changes nothing that is served. Asked again under
   * the same key it gives the plan that was made, as long as that can be applied.
   */
  async plan(request: CorrectionRequest, signal: AbortSignal): Promise<CorrectionPlan> {
    const stream = this.#streamOf(request.stream);
    this.requireCorrectable(stream.name, request.kind);
    const known = await this.#known(request, requestHash(request), signal);
    if (known !== null) return known;
    const meant = await withSource(request, this.#ports);
    const made = request.kind === 'redact' ? this.#madeOf(stream) : null;
    if (made !== null) return this.#planRows(meant, stream, made, signal);
    const plan = request.kind === 'redact' ? planRedaction : planCorrection;
    return this.#onGround(stream, signal, (ground) => plan(meant, ground, this.#ports, signal));
  }

  /** Refused before anything is looked for. Throws CORRECTION_INVALID. */
  requireCorrectable(stream: string, kind: CorrectionKind): void {
    requireCorrectable(this.#streamOf(stream), kind, this.#project);
  }

  /** Of rows that are stated again and again: with what its operator has made of them by now. */
  async #planRows(
    request: CorrectionRequest,
    stream: Stream,
    made: StreamTopic,
    signal: AbortSignal,
  ): Promise<CorrectionPlan> {
    await this.#layer.archive(stream.name, signal);
    const operator = await awaitOperator(stream, made, this.#ports, signal);
    return this.#onGround(stream, signal, (stated) =>
      this.#onGround(made.stream, signal, (ground) =>
        planRows(request, { stated, made: ground, operator }, this.#ports, signal),
      ),
    );
  }

  /** The plan that takes a correction back. */
  async planRevert(id: string, note: CorrectionNote, signal: AbortSignal): Promise<CorrectionPlan> {
    const known = await this.#known(note, revertHash(id, note), signal);
    if (known !== null) return known;
    for (const { stream } of this.#project.streams) {
      const list = await this.#ports.archive.corrections(stream.name).list();
      if (list.some((correction) => correction.id === id))
        return this.#onGround(stream, signal, (ground) => planRevert(id, note, ground, this.#ports, signal));
    }
    throw new CorrectionError('CORRECTION_UNKNOWN', `There is no correction ${id}. Nothing was changed.`);
  }

  #known({ idempotencyKey }: CorrectionNote, requested: string, signal: AbortSignal): Promise<CorrectionPlan | null> {
    const streams = this.#project.streams.map(({ stream }) => stream);
    return knownRequest(idempotencyKey, requested, streams, this.#ports, signal);
  }

  /** Throws PLAN_UNKNOWN. */
  async planOf(id: string): Promise<CorrectionPlan> {
    return loadPlan(this.#ports.archive, this.#streamNames(), id);
  }

  async apply(planId: string, options: ApplyOptions, signal: AbortSignal): Promise<ApplyResult> {
    const plan = await this.planOf(planId);
    const stream = this.#streamOf(plan.stream);
    const views = this.#project.views.filter((view) => view.stream.name === stream.name);
    if (plan.kind !== 'redact') requireViews(stream, views);
    if (plan.reverts === null) this.requireCorrectable(stream.name, plan.kind);
    const streams = this.#project.streams.map((each) => each.stream);
    await requireKeyElsewhere(plan, streams, this.#ports);
    await this.#applyDerived(plan, stream, views, options, signal);
    const topic = this.#project.streams.find((each) => each.stream === stream)?.topic ?? stream.name;
    const made = this.#project.streams.filter((each) => each.stream.change?.of.name === stream.name);
    const of = plan.erases?.rows === undefined ? undefined : made[0];
    const { gates = [], restatements = DEFAULT_RESTATEMENTS } = this.#project;
    const ground: ApplyGround = {
      ...{ plan, stream, topic, views, restatements },
      made: made.map((each) => each.stream),
      ...(of === undefined ? {} : { eraseRepeats: (stop) => this.#eraseRepeats(plan, of, options, stop) }),
      bringUp: (some, stop) => this.#layer.recompute(some, stop),
    };
    // What a redaction changes is compared with nothing: a difference would keep what is to be erased.
    const all = plan.kind === 'redact' ? options : { ...options, gates: [...gates, ...options.gates] };
    const facts = { plan: plan.id, kind: plan.kind, ...(options.preview ? { preview: 1 } : {}) };
    const begun = {
      ...this.#layer.maker,
      job: `correct ${stream.name}`,
      subjects: views.map(({ name }) => name),
      trigger: 'CORRECTION',
      facts,
    } as const;
    const how = plan.kind === 'redact' ? applyRedaction : applyCorrection;
    const work = (tell: (progress: RunProgress) => void): Promise<ApplyResult> =>
      how({ ...ground, watch: progressWatch(this.#ports.clock, tell) }, all, this.#ports, signal);
    return recordRun(begun, this.#ports, signal, work, (result) => this.#endOf(plan, views, result, signal));
  }

  /** What was made of rows goes before them: while it is there, what they were can still be told. */
  async #applyDerived(
    plan: CorrectionPlan,
    stream: Stream,
    views: readonly View[],
    options: ApplyOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const { derived } = plan.erases ?? {};
    if (derived === undefined) return;
    requireShown(plan, options.fingerprint, stream);
    const known = await findByKey(plan, this.#ports);
    if (known !== null && (await loadCertificate(this.#ports.archive, known)) !== null) return;
    if (known === null) {
      const row = await mustRead(this.#ports, signal);
      requireBase(plan, row);
      requireFree(views, row, stream);
    }
    await this.apply(derived.plan, { ...options, fingerprint: derived.fingerprint }, signal);
  }

  /** What was made of rows and came again, above the cut; by redactions of their own. */
  #eraseRepeats(
    note: CorrectionPlan,
    made: StreamTopic,
    options: ApplyOptions,
    signal: AbortSignal,
  ): Promise<ErasedRepeats> {
    const { reason, ticket, author, approver, idempotencyKey } = note;
    const task: RepeatsTask = {
      ...{ made, stated: this.#streamOf(note.stream) },
      note: { reason, ticket, author, approver, idempotencyKey },
      archive: () => this.#layer.archive(made.stream.name, signal),
      onGround: (work) => this.#onGround(made.stream, signal, work),
      apply: ({ id, fingerprint }) => this.apply(id, { ...options, fingerprint }, signal),
    };
    return eraseRepeats(task, this.#ports, signal);
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
    // Of a stream that no view reads nothing is in force anywhere.
    const isRead = Object.values(liveRelease(row).entries).some((id) => row.entries[id]?.stream === name);
    const marked = isRead ? state.redactions : [];
    const ahead = marked.flatMap((number) => list[number]?.id ?? []).find((id) => !inForce.includes(id));
    const mark = row.redactions?.[name];
    const under = ahead ?? (mark?.release === null ? mark.correction : undefined);
    if (under === undefined) return;
    throw new CorrectionError(
      'REDACTING',
      `Stream ${name} is being redacted by correction ${under}; finish that first, by applying its plan again. Nothing was changed.`,
    );
  }

  /** The change stream that is made of a stream; null: none is. */
  #madeOf({ name, change }: Stream): StreamTopic | null {
    if (change !== undefined)
      throw new CorrectionError(
        'CORRECTION_INVALID',
        `Stream ${name} is made of ${change.of.name} by an operator: redact the rows there, and what was made of them goes with them. Nothing was erased.`,
      );
    const made = this.#project.streams.filter(({ stream }) => stream.change?.of.name === name);
    if (made.length <= 1) return made[0] ?? null;
    throw new CorrectionError(
      'NOT_BUILT_YET',
      `Change streams ${made.map(({ stream }) => stream.name).join(', ')} are made of stream ${name}, each with rows of its own: a redaction of one of them would leave the others half a row. Nothing was erased.`,
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
