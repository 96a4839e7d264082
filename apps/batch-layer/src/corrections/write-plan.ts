import { archivedEnd, targetsName, type ArchiveFile } from '@twofold/archive';
import {
  bucketsOf,
  encodeTargets,
  unionOf,
  type CorrectionKind,
  type CorrectionNote,
  type CorrectionPlan,
  type Overlay,
  type PlanConflict,
  type PlannedErasure,
  type Runs,
  type Targets,
  type ViewEffect,
} from '@twofold/corrections';
import { entryOf, liveRelease } from '@twofold/releases';
import type { PartEntry } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { planBuild, surveyMs, type PlannedPart } from '../plan-build.ts';
import type { BatchPorts } from '../ports.ts';
import { overlaps } from '../source-files.ts';
import { withAddedFiles } from './corrected-sources.ts';
import { fingerprintOf, putByHash, rowsName, savePlan } from './plan-store.ts';
import type { PlanningGround } from './planning-ground.ts';

/** What a correction was found to be, before it is written down. */
export interface FoundCorrection {
  readonly kind: CorrectionKind;
  readonly reverts: string | null;
  readonly asked: string;
  readonly targets: Targets;
  readonly count: number;
  readonly rows: Uint8Array | null;
  readonly added: number;
  readonly touched: Runs;
  readonly sample: CorrectionPlan['sample'];
  readonly sampleAdded?: CorrectionPlan['sampleAdded'];
  readonly counts: readonly { readonly keys: number; readonly panes: number }[];
  readonly collisions: readonly string[];
  readonly conflicts?: readonly PlanConflict[];
  readonly recordsRead: number;
  readonly erases?: PlannedErasure;
  readonly takesBack?: CorrectionPlan['takesBack'];
  /** Every target stands below it; the archive's end, unless told. */
  readonly cut?: readonly number[];
  /** Hash of what was asked for; not of a redaction: nothing of it is kept. */
  readonly requested?: string;
}

/** Writes down what was found: targets and rows under their hashes, then the plan, with its fingerprint. */
export async function writePlan(
  found: FoundCorrection,
  note: CorrectionNote,
  ground: PlanningGround & {
    readonly base: readonly string[];
    readonly counted: number;
    readonly at: number;
    readonly overlay: Overlay<ArchiveFile>;
  },
  ports: BatchPorts,
): Promise<CorrectionPlan> {
  const { stream, state, base, counted, at } = ground;
  const { archive } = ports;
  const { reason, ticket, author, approver, idempotencyKey } = note;
  const text = new TextEncoder().encode(encodeTargets(found.targets));
  const targets =
    found.targets.length === 0
      ? null
      : { count: found.count, sha256: await putByHash(archive, stream.name, targetsName, text) };
  const rows =
    found.rows === null
      ? null
      : { count: found.added, sha256: await putByHash(archive, stream.name, rowsName, found.rows) };
  const plan: Omit<CorrectionPlan, 'fingerprint'> = {
    ...{ format: 1, id: ports.ids.next(), stream: stream.name, streamFingerprint: stream.fingerprint },
    ...{ reason, ticket, author, approver, idempotencyKey },
    ...{ kind: found.kind, reverts: found.reverts, plannedAt: at, asked: found.asked },
    cut: found.cut ?? state.origins.map((_, partition) => archivedEnd(state, partition)),
    base,
    countedEvents: counted,
    recordsRead: found.recordsRead,
    targets,
    rows,
    touched: found.touched,
    sample: found.sample,
    ...(found.sampleAdded === undefined ? {} : { sampleAdded: found.sampleAdded }),
    effects: await effectsOf(found, ground, ports),
    collisions: found.collisions,
    conflicts: found.conflicts ?? [],
    redactions: state.redactions.length,
    links: ground.links,
    ...(found.erases === undefined ? {} : { erases: found.erases }),
    ...(found.takesBack === undefined ? {} : { takesBack: found.takesBack }),
    ...(found.requested === undefined ? {} : { requested: found.requested }),
  };
  const whole = { ...plan, fingerprint: fingerprintOf(plan) };
  // Of what is to be erased nothing is kept; it is only shown.
  await savePlan(archive, found.kind === 'redact' ? { ...whole, sample: [] } : whole);
  return whole;
}

async function effectsOf(
  found: FoundCorrection,
  { views, row, state, overlay }: PlanningGround & { readonly overlay: Overlay<ArchiveFile> },
  { store }: BatchPorts,
): Promise<ViewEffect[]> {
  const live = liveRelease(row);
  const effects: ViewEffect[] = [];
  for (const [place, view] of views.entries()) {
    const entry = entryOf(row, live, view.name);
    const index = entry?.build == null ? null : await store.parts.index(entry.build);
    const parts = index?.parts ?? [];
    const watermark = entry?.watermark ?? null;
    const { fresh, shared } = planBuild(
      view,
      bucketsOf(found.touched, surveyMs(view)),
      index?.parts ?? null,
      watermark,
    );
    const { keys, panes } = found.counts[place] ?? { keys: 0, panes: 0 };
    const { name, version } = view;
    const { files } = withAddedFiles(state, overlay);
    // A redaction shares nothing (E14).
    const made = found.kind === 'redact' ? madeAnew(view, parts, watermark) : fresh;
    const sizes = { partsToBuild: made.length, partsShared: found.kind === 'redact' ? 0 : shared.length };
    const why = whyOf(found, panes, made);
    effects.push({
      view: name,
      version,
      keys,
      panes,
      ...sizes,
      ...costOf(made, files, parts, found.added),
      why,
    });
  }
  return effects;
}

/** Why a view is named at all: every view of a stream is, since they have one list of corrections (E0). */
function whyOf(
  { kind, reverts, added, count, touched }: FoundCorrection,
  panes: number,
  made: readonly PlannedPart[],
): string {
  const [first, last] = [touched[0]?.[0], touched.at(-1)?.[1]];
  if (kind === 'redact') return 'erased events may be in every part: all are made anew, and none is shared';
  if (made.length === 0 || first === undefined || last === undefined)
    return 'nothing that it shows is touched; it moves with the other views of the stream, which have one list of corrections';
  const between = `from ${new Date(first).toISOString()} to ${new Date(last).toISOString()}`;
  if (reverts !== null) return `correction ${reverts}, which is taken back, touched it ${between}`;
  if (kind === 'restate') return `it is folded again as it is, ${between}`;
  const what = [count === 0 ? [] : [`${count} events that are hit`], added === 0 ? [] : [`${added} rows that come`]];
  return `${what.flat().join(' and ')} fall into ${panes} of its panes, ${between}`;
}

/** All the parts that there are, as a build that shares nothing makes them. */
function madeAnew(view: View, parts: readonly PartEntry[], watermark: number | null): PlannedPart[] {
  const all = bucketsOf(unionOf([parts.map(({ from, to }) => [from, to] as const)]), surveyMs(view));
  const there = new Set(parts.map(({ widthMs, from }) => `${widthMs} ${from}`));
  return planBuild(view, all, null, watermark).fresh.filter(({ widthMs, from }) => there.has(`${widthMs} ${from}`));
}

/** What building the parts will read and write, as far as it is known before: a file is read once for each stretch that it reaches into. */
function costOf(
  fresh: readonly PlannedPart[],
  files: readonly ArchiveFile[],
  base: readonly PartEntry[],
  added: number,
): Pick<ViewEffect, 'recordsToRead' | 'rowsToWrite'> {
  let recordsToRead = 0;
  let rowsToWrite = 0;
  for (const { widthMs, from, sources } of fresh) {
    for (const source of sources) {
      if (source.kind !== 'archive') continue;
      for (const file of files) if (overlaps(file, source.from, source.to)) recordsToRead += file.records;
      recordsToRead += added;
    }
    rowsToWrite += base.find((part) => part.widthMs === widthMs && part.from === from)?.rows ?? 0;
  }
  return { recordsToRead, rowsToWrite };
}
