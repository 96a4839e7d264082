import type { ArchiveState, EventTimes } from '@twofold/archive';
import { bucketsOf, touchedBetween } from '@twofold/corrections';
import { reachableBuilds, type Entry } from '@twofold/releases';
import type { PartEntry } from '@twofold/view-store';
import { type View } from '@twofold/views';
import { readControl } from './change-control.ts';
import { loadList, type LoadedList } from './corrections/load-list.ts';
import { BatchError } from './errors.ts';
import { patiently } from './patiently.ts';
import { planBuild, surveyMs } from './plan-build.ts';
import type { BatchPorts } from './ports.ts';
import { checkedSources, overlaps, sourceFiles } from './source-files.ts';
import type { Surveys } from './surveys.ts';
import { type BuildPlan } from './plan-build.ts';

/**
 * What lies between the base's cut and the new one decides which parts are dirty, with all that corrections in one of the
 * two lists touch (E14). The watermark is that of the log as it was written: a correction moves no retention.
 */
export async function planView(
  task: {
    readonly view: View;
    readonly entry: Omit<Entry, 'watermark'>;
    readonly base: Entry | null;
    readonly state: ArchiveState;
    readonly origins: readonly number[];
    readonly list: LoadedList;
    readonly checked: Set<string>;
    readonly surveys: Surveys;
    readonly again?: EventTimes | null;
    /** Nothing is shared with the base. */
    readonly fresh?: boolean;
  },
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<{
  readonly watermark: number | null;
  readonly plan: BuildPlan;
  readonly eventsSince: number;
}> {
  const { view, entry, base, origins } = task;
  const continues = base !== null && base.version === entry.version;
  const sharing = continues && task.fresh !== true;
  const ranges = origins.map((origin, p) => ({
    from: (sharing ? base.cut[p] : undefined) ?? origin,
    to: entry.cut[p] ?? origin,
  }));
  const files = await checkedSources(
    sourceFiles(ports.archive, task.state, ranges),
    task.state,
    view.stream,
    ports.archive,
    task.checked,
  );
  const survey = await task.surveys.of({ view, files, bucketMs: surveyMs(view) }, signal);
  const seen = survey.maxEventTime === null ? null : survey.maxEventTime - view.stream.latenessMs;
  const before = continues ? base.watermark : null;
  const watermark = seen === null ? before : Math.max(seen, before ?? seen);
  const index =
    sharing && base.build !== null
      ? await patiently(ports.clock, () => ports.store.parts.index(base.build ?? ''), signal)
      : null;
  if (sharing && base.build !== null && index === null) throw await baseGone(view, base, ports, signal);
  const built = sharing && base.build !== null;
  const baseList = built
    ? await patiently(ports.clock, () => loadList(ports.archive, view.stream.name, base.corrections), signal)
    : null;
  const touched = touchedBetween(baseList?.corrections ?? [], task.list.corrections);
  const again = await bucketsAgain(task, index?.parts ?? [], ports, signal);
  const dirty = [...survey.buckets, ...bucketsOf(touched, surveyMs(view)), ...again];
  return {
    watermark,
    plan: planBuild(view, dirty, index?.parts ?? null, watermark),
    eventsSince: survey.applied,
  };
}

/** Buckets of an asked for time in which there are events below the cut, or parts of the base. */
async function bucketsAgain(
  { view, entry, state, origins, checked, surveys, again }: Parameters<typeof planView>[0],
  base: readonly PartEntry[],
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<number[]> {
  if (again === undefined || again === null) return [];
  const bucketMs = surveyMs(view);
  const ranges = origins.map((origin, p) => ({ from: origin, to: entry.cut[p] ?? origin }));
  const found = sourceFiles(ports.archive, state, ranges, (file) => overlaps(file, again.from, again.to));
  const files = await checkedSources(found, state, view.stream, ports.archive, checked);
  const { buckets } = await surveys.of({ view, files, bucketMs }, signal);
  const finest = base.filter(({ widthMs }) => widthMs === view.levels[0]?.widthMs).map(({ from }) => from);
  return [...new Set([...buckets, ...finest])].filter((at) => at < again.to && at + bucketMs > again.from);
}

/** Why the index of a base's build is not there: its entry was let go of while the run planned, or the store lost it. */
async function baseGone(view: View, base: Entry, ports: BatchPorts, signal: AbortSignal): Promise<BatchError> {
  const row = await readControl(ports.store.control, ports.clock, signal);
  if (row !== null && !reachableBuilds(row).has(base.build ?? ''))
    return new BatchError(
      'BASE_COLLECTED',
      `view ${view.name}: build ${base.build}, from which this run set out, was replaced and collected meanwhile; the next run sets out from the live one`,
      { retryable: true },
    );
  return new BatchError(
    'PART_DAMAGED',
    `view ${view.name}: the index of the base's build ${base.build} is not in the store, though the control row names it; was the store restored? Build the view from the archive's beginning (twofold verify says more).`,
  );
}
