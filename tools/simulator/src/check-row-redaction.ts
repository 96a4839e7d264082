import { decodeTargets, type CorrectionPlan } from '@twofold/corrections';
import { currentRows, holds, type ClassifiedRecord } from '@twofold/oracle';
import { changeFields, type Stream } from '@twofold/schemas';
import { parseOperatorStateName } from '@twofold/view-store';
import type { Expr } from '@twofold/views';
import type { PendingRows } from './row-redactor.ts';
import type { World } from './world.ts';

interface Place {
  readonly source: number;
  readonly offset: number;
}

interface PlannedRows {
  readonly stated: Stream;
  readonly made: Stream;
  readonly plan: CorrectionPlan;
  readonly derived: CorrectionPlan | null;
  readonly condition: Expr;
}

/**
 * E21: a redaction of rows means every restatement below the plan's cut of every row of which one matches, all that was
 * made of these, and every rejected record of both; and no row that holds there. Gives what goes.
 */
export function checkRows(world: World, { stated, made, plan, derived, condition }: PlannedRows) {
  const { truth, observer } = world;
  const below = (of: CorrectionPlan | null, stream: Stream): ClassifiedRecord[] =>
    (truth.partitions.get(stream.name) ?? []).flatMap(({ classified }, partition) =>
      classified.filter(({ offset }) => offset < (of?.cut[partition] ?? 0)),
    );
  const left = (stream: Stream) => {
    const gone = erasedPlaces(world, stream);
    return ({ partition, offset }: ClassifiedRecord): boolean => !gone.has(`${partition}:${offset}`);
  };
  const restated = below(plan, stated);
  const items = new Set(
    restated
      .filter(left(stated))
      .flatMap((record) => (record.class !== 'rejected' && holds(condition, record.event) ? [itemOf(record)] : [])),
  );
  const isOfThem = (record: ClassifiedRecord): boolean => record.class === 'rejected' || items.has(itemOf(record));
  const isOfTheirs = (record: ClassifiedRecord): boolean =>
    record.class === 'rejected' || (isOfThem(record) && inputOf(record) < (plan.cut[record.partition] ?? 0));
  const restatements = restated.filter(left(stated)).filter(isOfThem).map(placeOf);
  const changes = below(derived, made).filter(left(made)).filter(isOfTheirs).map(placeOf);
  same(world, plan, restatements);
  if (derived !== null) same(world, derived, changes);
  const emitted = (truth.partitions.get(made.name) ?? []).flatMap(({ classified }) => classified);
  const theirs = emitted.filter(left(made)).filter((record) => record.class === 'applied' && isOfTheirs(record));
  if (theirs.some(({ partition, offset }) => offset >= (derived?.cut[partition] ?? 0)))
    observer.fail('E21', `plan ${plan.id} leaves what was made of its rows`);
  const held = currentRows(made, restated).find(isOfThem);
  if (held !== undefined) observer.fail('E21', `plan ${plan.id} erases row ${itemOf(held)}, which holds`);
  return { items, restatements, changes };
}

/** E21: with the certificate no state of an operator tells of the rows, but for those that somebody who knew nothing of it stored since. */
export function checkStates(world: World, { stated, made, plan, items, plannedAt }: PendingRows): void {
  const { files, observer, statesAt, truth } = world;
  const chain = truth.corrected.chain(stated.name);
  const number = chain.find(({ fingerprint }) => fingerprint === plan.fingerprint)?.number ?? -1;
  const highest = new Map<string, number>();
  for (const [partition, { classified }] of (truth.partitions.get(stated.name) ?? []).entries())
    for (const record of classified)
      if (record.class === 'applied' && record.offset < (plan.cut[partition] ?? 0)) {
        const key = `${partition} ${itemOf(record)}`;
        highest.set(key, Math.max(highest.get(key) ?? -1, Number(record.event.values.get('revision'))));
      }
  for (const [name, bytes] of files.stored) {
    const told = parseOperatorStateName(name);
    if (told === null || !name.startsWith(`operators/${made.name}/`)) continue;
    const partition = name.split('/')[2] ?? '';
    const isOld = told.redactions < redactionsOf(world, stated, Number(partition));
    if (isOld && (statesAt.get(name) ?? 0) >= plannedAt) continue;
    for (const line of new TextDecoder().decode(bytes).split('\n').slice(1)) {
      const [key = '', held = '[-1]'] = line.split('\t');
      const item = key === '' ? '' : String((JSON.parse(key) as unknown[])[0]);
      const [revision] = JSON.parse(held) as [number];
      if (items.has(item) && revision <= (highest.get(`${partition} ${item}`) ?? -1))
        observer.fail('E21', `redaction ${number} is certified, and state ${name} tells of row ${item}`);
    }
  }
}

function same(world: World, { id, stream, targets }: CorrectionPlan, wanted: readonly Place[]): void {
  const bytes = world.files.stored.get(`${stream}.corrections/documents/targets-${targets?.sha256}.json`);
  const found = bytes === undefined ? [] : decodeTargets(new TextDecoder().decode(bytes));
  const places = found.flatMap(({ source, runs }) =>
    runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => `${source}:${from + i}`)),
  );
  const due = wanted.map(({ source, offset }) => `${source}:${offset}`);
  if (places.join(' ') !== due.join(' '))
    world.observer.fail('E21', `plan ${id} of ${stream} erases ${places.join(' ')} and should erase ${due.join(' ')}`);
}

/** How many redactions have erased something of a partition. */
function redactionsOf(world: World, { name }: Stream, partition: number): number {
  const { corrected } = world.truth;
  const chain = corrected.chain(name);
  const ids = world.markedRedactions(name).flatMap((number) => chain[number]?.id ?? []);
  return ids.filter((id) =>
    corrected.listOf(name, [id]).some(({ drops }) => drops.some((each) => each.source === partition)),
  ).length;
}

export function erasedPlaces(world: World, { name }: Stream): ReadonlySet<string> {
  const { truth } = world;
  const chain = truth.corrected.chain(name);
  const ids = world.markedRedactions(name).flatMap((number) => chain[number]?.id ?? []);
  const drops = ids.flatMap((id) => truth.corrected.listOf(name, [id]).flatMap((each) => each.drops));
  return new Set(drops.map(({ source, offset }) => `${source}:${offset}`));
}

function placeOf({ partition, offset }: ClassifiedRecord): Place {
  return { source: partition, offset };
}

export function itemOf(record: ClassifiedRecord): string {
  return record.class === 'rejected' ? '' : String(record.event.values.get('item'));
}

export function inputOf(record: ClassifiedRecord): number {
  return record.class === 'rejected' ? -1 : Number(record.event.values.get(changeFields.offset));
}
