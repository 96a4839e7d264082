import { archivedEnd } from '@twofold/archive';
import type { CorrectionNote, CorrectionPlan, ErasedPlace, LookedThrough } from '@twofold/corrections';
import { isTwofoldError, type Stream } from '@twofold/schemas';
import { BatchError } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import type { BatchPorts, StreamTopic } from '../../ports.ts';
import { mustRead } from '../../recompute-views.ts';
import type { PlanningGround } from '../planning-ground.ts';
import { loadCertificate } from './certificate.ts';
import { planRepeats } from './plan-repeats.ts';

export interface RepeatsTask {
  readonly stated: Stream;
  readonly made: StreamTopic;
  /** Of the redaction of rows: who asked and agreed, and under which key it and what was made of the rows were applied. */
  readonly note: CorrectionNote;
  /** Archives the change stream up to now. */
  archive(): Promise<void>;
  onGround<T>(work: (ground: PlanningGround) => Promise<T>): Promise<T>;
  apply(plan: Pick<CorrectionPlan, 'id' | 'fingerprint'>): Promise<unknown>;
}

export interface ErasedRepeats {
  readonly looked: LookedThrough;
  /** Records that this attempt erased. */
  readonly erased: number;
  /** What the certificates say of what was made of the rows, and of its repetitions. */
  readonly places: readonly ErasedPlace[];
}

/** Rounds, and attempts of what somebody else was in the way of. */
const ATTEMPTS = 8;
const PATIENCE_MS = 30_000;
const LOOK_MS = 100;

/**
 * An operator's append that was on its way when a redaction of rows was planned repeats changes above its cut (E21): they are
 * duplicates, but readable. Looks through all that the change stream's log holds by now, and erases what it finds by a
 * redaction of its own, until a look finds nothing. What was begun of the change stream is finished first, whosever it is:
 * nothing else is planned before.
 */
export async function eraseRepeats(task: RepeatsTask, ports: BatchPorts, signal: AbortSignal): Promise<ErasedRepeats> {
  const { stated, made, note } = task;
  let erased = 0;
  for (let attempt = 1; ; attempt++)
    try {
      erased += await finishBegun(task, ports, signal);
      const at = ports.clock.now();
      const below = await archiveLog(task, ports, signal);
      const plan = await task.onGround((ground) => planRepeats(note, { stated, made: ground }, ports, signal));
      if (plan === null) {
        const looked = { stream: made.stream.name, at, below };
        return { looked, erased, places: await placesOf(task, ports) };
      }
      await task.apply(plan);
      erased += plan.targets?.count ?? 0;
    } catch (error) {
      // Nothing was begun by this one: what is there now is looked for again.
      const isInTheWay = isTwofoldError(error) && (error.code === 'PLAN_CHANGED' || error.code === 'REDACTING');
      if (!isInTheWay || attempt >= ATTEMPTS) throw error;
    }
}

/** Gives how many repeated records it erased. */
async function finishBegun(task: RepeatsTask, ports: BatchPorts, signal: AbortSignal): Promise<number> {
  const { name } = task.made.stream;
  const list = await patiently(ports.clock, () => ports.archive.corrections(name).list(), signal);
  const mark = (await mustRead(ports, signal)).redactions?.[name];
  const { redactions } = await patiently(ports.clock, () => ports.archive.head(name), signal);
  let erased = 0;
  for (const { id, number, stream, fingerprint, targets, erases } of list) {
    const isBegun = redactions.includes(number) || mark?.correction === id;
    // Of others only what keeps everybody out; the rest of their places is theirs.
    const isMeant = erases?.repeats === true ? isBegun : mark?.correction === id && mark.release === null;
    if (erases?.plan === undefined || !isMeant) continue;
    if ((await loadCertificate(ports.archive, { id, stream })) !== null) continue;
    await task.apply({ id: erases.plan, fingerprint });
    if (erases.repeats === true) erased += targets?.count ?? 0;
  }
  return erased;
}

/** Until all that the log holds now is archived. Gives where it ends. Throws SPEED_BEHIND (retryable). */
async function archiveLog(
  task: RepeatsTask,
  { log, clock, archive }: BatchPorts,
  signal: AbortSignal,
): Promise<number[]> {
  const { made } = task;
  const ends = (await patiently(clock, () => log.partitions(made.topic), signal)).map(({ end }) => end);
  for (const begun = clock.monotonic(); ;) {
    await task.archive();
    const state = await patiently(clock, () => archive.head(made.stream.name), signal);
    const behind = ends.findIndex((end, p) => archivedEnd(state, p) < end);
    if (behind < 0) return ends;
    if (clock.monotonic() - begun > PATIENCE_MS)
      throw new BatchError(
        'SPEED_BEHIND',
        `the archive of change stream ${made.stream.name} ends at ${archivedEnd(state, behind)} of ${ends[behind]} in partition ${behind}: what operators repeated there could not be looked for. Repeat the apply; there is no certificate before`,
        { retryable: true },
      );
    await clock.sleep(LOOK_MS, signal);
  }
}

async function placesOf({ made, note }: RepeatsTask, { archive }: BatchPorts): Promise<ErasedPlace[]> {
  const list = await archive.corrections(made.stream.name).list();
  const first = list.find(({ idempotencyKey }) => idempotencyKey === note.idempotencyKey)?.number ?? Infinity;
  const places: ErasedPlace[] = [];
  for (const link of list)
    if (link.number === first || (link.number > first && link.erases?.repeats !== undefined))
      places.push(...((await loadCertificate(archive, link))?.places ?? []));
  return places;
}
