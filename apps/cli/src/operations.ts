import {
  backfillView,
  findCertificate,
  letGoOf,
  pauseSchedule,
  resumeSchedule,
  retire,
  retryRun,
  rollBackTo,
  scheduledViews,
  type Accepted,
  type BatchLayer,
} from '@twofold/batch-layer';
import type { CorrectionNote, CorrectionPlan } from '@twofold/corrections';
import { nextSlot, parseCron } from '@twofold/schedules';
import type { Logger } from '@twofold/service';
import type { AcceptedRequest, AskedReplayOf, ListedSchedule, Operations, ShownLetter } from '@twofold/serving-api';
import type { Project } from '@twofold/views';
import { codeName } from './code-name.ts';
import { lettersOf, placeOf, placeText } from './letters.ts';
import { listedCorrections, listedRelease } from './listed-releases.ts';
import type { Platform } from './platform.ts';
import { planReplay, topicOf } from './replay-letters.ts';

export interface OperationParts {
  readonly project: Project;
  readonly platform: Platform;
  readonly layer: BatchLayer;
  /** Cron expression, UTC, of views that declare no schedule. */
  readonly cron: string;
  readonly logger: Logger;
}

/** What operators do through the API, over the batch layer. What is under way is given up with the signal. */
export function createOperations(parts: OperationParts, signal: AbortSignal): Operations {
  const { project, platform, layer, cron, logger } = parts;
  const { corrections } = layer;
  const desk = { views: project.views, cron, ...platform };
  const controlRow = () => platform.store.control.read(signal);
  return {
    planCorrection: ({ rows, set, ...asked }) =>
      corrections.plan({ ...asked, set, rows: rows === null ? null : new TextEncoder().encode(rows) }, signal),
    planRevert: (correction, note) => corrections.planRevert(correction, note, signal),
    plan: (id) => corrections.planOf(id),
    applyPlan: (id, options) => corrections.apply(id, options, signal),
    diff: (release) => corrections.diffOf(release),
    certificate: (id) =>
      findCertificate(
        platform.archive,
        project.streams.map(({ name }) => name),
        id,
      ),
    deadLetter: (stream, place) => shownLetter(parts, stream, place),
    replayDeadLetters: (asked) => replay(parts, asked, signal),
    corrections: async () => {
      const row = await controlRow();
      return row === null ? [] : listedCorrections(project, row, platform.archive);
    },
    releases: async () => {
      const row = await controlRow();
      const newestFirst = [...(row?.releases ?? [])].sort((a, b) => b.number - a.number);
      return row === null ? [] : newestFirst.map((release) => listedRelease(row, release, project));
    },
    rollBack: async (release, views) => {
      const made = await rollBackTo({ release, views }, project, { ...platform, logger, code: codeName() }, signal);
      return { release: made.release, number: made.number };
    },
    letGo: (views) => letGoOf(views, platform, signal),
    retireView: (view) => retire([view], project, platform, signal),
    schedules: () => listedSchedules(parts),
    pauseSchedule: async (name, by, reason) => acceptedOf(await pauseSchedule(desk, name, { by, reason })),
    resumeSchedule: async (name) => acceptedOf(await resumeSchedule(desk, name)),
    retryRun: async (run, by, passing) => acceptedOf(await retryRun(desk, run, { by, passing })),
    backfill: async (view, of) => acceptedOf(await backfillView(desk, view, of)),
  };
}

async function shownLetter(
  { project, platform }: OperationParts,
  stream: string,
  place: string,
): Promise<ShownLetter | null> {
  const wanted = placeText(placeOf('place', place));
  for await (const { bytes, ...letter } of lettersOf(topicOf(project, stream), { at: [wanted] }, platform))
    return { ...letter, base64: bytes === null ? null : Buffer.from(bytes).toString('base64') };
  return null;
}

function replay(parts: OperationParts, asked: AskedReplayOf, signal: AbortSignal): Promise<CorrectionPlan> {
  const { stream, code, field, at, transform, key, reason, ticket, author, approver, ...how } = asked;
  const letters = {
    ...(code === null ? {} : { code }),
    ...(field === null ? {} : { field }),
    ...(at === null ? {} : { at }),
    ...(transform === null ? {} : { transform }),
  };
  const noteOf = (fallbackKey: string): CorrectionNote => {
    return { reason, ticket, author, approver, idempotencyKey: key ?? fallbackKey };
  };
  return planReplay(stream, { ...how, ...letters }, noteOf, parts, signal);
}

function acceptedOf({ schedule, asked }: Accepted): AcceptedRequest {
  return { schedule: schedule.name, asked: asked?.id ?? null };
}

async function listedSchedules({ project, platform, cron }: OperationParts): Promise<ListedSchedule[]> {
  const { store, clock } = platform;
  const rows = new Map((await store.jobs.list()).map((row) => [row.job, row]));
  return scheduledViews(project.views, cron).map(({ job, schedule, views }) => {
    const row = rows.get(job) ?? null;
    return {
      ...{ name: schedule.name, cron: schedule.cron, overlap: schedule.overlap, missed: schedule.missed },
      views: views.map(({ name }) => name),
      next: nextSlot(parseCron(schedule.cron), clock.now()),
      paused: row?.paused ?? null,
      run: row?.holder?.run.id ?? null,
      waitingFor: row?.trying?.waiting?.reasons ?? [],
      asked: (row?.asked ?? []).map(({ id }) => id),
    };
  });
}
