import { decodeTargets, isIn, type CorrectionPlan, type ReleaseDiff } from '@twofold/corrections';
import { holds } from '@twofold/oracle';
import type { Stream } from '@twofold/schemas';
import type { Expr } from '@twofold/views';
import { differenceOf } from './compare-panes.ts';
import type { World } from './world.ts';

interface Place {
  readonly source: number;
  readonly offset: number;
  /** Event time, milliseconds. */
  readonly at: number;
}

/** The events that a plan has to hit: those that counted under its base below its cut, and for which the condition holds. */
export function expectedTargets(world: World, stream: Stream, plan: CorrectionPlan, condition: Expr): Place[] {
  const { truth } = world;
  const below = (truth.partitions.get(stream.name) ?? []).flatMap(({ classified, origin }, partition) =>
    classified.filter(({ offset }) => offset < (plan.cut[partition] ?? origin)),
  );
  return truth.corrected
    .logOf(stream, below, plan.base)
    .flatMap((record) =>
      record.class === 'applied' && holds(condition, record.event)
        ? [{ source: record.partition, offset: record.offset, at: record.event.timeMs }]
        : [],
    )
    .sort((a, b) => a.source - b.source || a.offset - b.offset);
}

/** E20: a plan hits exactly the events that match; E14: all their time is touched. */
export function checkPlan(world: World, stream: Stream, plan: CorrectionPlan, expected: readonly Place[]): void {
  const { observer } = world;
  for (const { at, source, offset } of expected)
    if (!isIn(plan.touched, at))
      observer.fail('E14', `plan ${plan.id} hits ${source}:${offset}, and its time ${at} is not among what is touched`);
  if (plan.kind === 'restate' || plan.kind === 'add') return;
  const bytes = world.files.stored.get(`${stream.name}.corrections/documents/targets-${plan.targets?.sha256}.json`);
  const found = bytes === undefined ? [] : decodeTargets(new TextDecoder().decode(bytes));
  const places = found.flatMap(({ source, runs }) =>
    runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => `${source}:${from + i}`)),
  );
  const wanted = expected.map(({ source, offset }) => `${source}:${offset}`);
  if (places.join(' ') !== wanted.join(' '))
    observer.fail('E20', `plan ${plan.id} hits ${places.join(' ')} and should hit ${wanted.join(' ')}`);
}

/** E20: the difference at one cut is the correction's alone, whatever came meanwhile. */
export function checkDiff(world: World, stream: Stream, plan: CorrectionPlan, diff: ReleaseDiff): void {
  const { truth, observer, model } = world;
  for (const shown of diff.views) {
    if (shown.cause !== 'CORRECTION') continue;
    const view = model.views.find(({ name, version }) => name === shown.view && version === shown.version);
    const cut = diff.cut[shown.view];
    // Sessions that end at the edge of a part are told apart by their starts, which a correction moves.
    if (view === undefined || cut === undefined || view.window.kind === 'session') continue;
    const partitions = truth.partitions.get(stream.name) ?? [];
    const ranges = partitions.map(({ origin }, partition) => ({ from: 0, to: cut[partition] ?? origin }));
    const before = truth.panes(view, shown.paneMs, ranges, plan.base);
    const after = truth.panes(view, shown.paneMs, ranges, [...plan.base, diff.correction ?? '']);
    const added = [...after.keys()].filter((id) => !before.has(id)).length;
    const removed = [...before.keys()].filter((id) => !after.has(id)).length;
    const changed = [...before].filter(([id, pane]) => {
      const now = after.get(id);
      return now !== undefined && differenceOf(new Map([[id, pane]]), new Map([[id, now.components]])) !== null;
    }).length;
    world.coverage.correctionRowsCompared += added + removed + changed;
    // Another partial may present the same values: an average of other events.
    if (shown.rowsAdded !== added || shown.rowsRemoved !== removed || shown.rowsChanged > changed)
      observer.fail(
        'E20',
        `correction ${diff.correction} (${plan.kind}) of ${shown.view}: the difference shows ${shown.rowsAdded} rows come, ${shown.rowsRemoved} gone, ${shown.rowsChanged} changed; it is ${added}, ${removed}, ${changed}`,
      );
  }
}
