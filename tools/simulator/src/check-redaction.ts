import { columnFileCodec } from '@twofold/archive';
import { decodeTargets, type CorrectionPlan, type RedactionCertificate } from '@twofold/corrections';
import { holds } from '@twofold/oracle';
import { reachableBuilds } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { ViewStore } from '@twofold/view-store';
import type { Expr } from '@twofold/views';
import type { ChainedCorrection } from './corrected-truth.ts';
import type { World } from './world.ts';

interface Place {
  readonly source: number;
  readonly offset: number;
}

const FIRST_ADDED = 2 ** 30;

/**
 * E21: a redaction means every copy below the plan's cut that is not erased yet, whatever its class and whatever corrects it.
 * Rows of corrections that are appended while it is planned may be found or not. Gives what the plan erases.
 * @param links corrections that there were before it was planned
 */
export function checkCopies(
  world: World,
  stream: Stream,
  { plan, condition, links }: { readonly plan: CorrectionPlan; readonly condition: Expr; readonly links: number },
): readonly Place[] {
  const { corrected } = world.truth;
  const erased = erasedPlaces(world, stream);
  const left = (places: readonly Place[]): string[] => places.map(placeName).filter((name) => !erased.has(name));
  const chain = corrected.chain(stream.name);
  const places = placesOf(world, plan);
  const [log, added] = [
    places.filter(({ source }) => source < FIRST_ADDED).map(placeName),
    new Set(places.filter(({ source }) => source >= FIRST_ADDED).map(placeName)),
  ];
  const wanted = left(copiesInLog(world, stream, plan, condition));
  if (log.join(' ') !== wanted.join(' '))
    world.observer.fail('E21', `plan ${plan.id} erases ${log.join(' ')} and should erase ${wanted.join(' ')}`);
  const gone = new Set(overtakenLinks(world, stream).map(({ id }) => id));
  const searched = chain.slice(0, links).filter(({ id }) => !gone.has(id));
  const missed = left(rowsLike(world, stream, searched, condition)).find((name) => !added.has(name));
  if (missed !== undefined) world.observer.fail('E21', `plan ${plan.id} does not erase the added row ${missed}`);
  const like = new Set(left(rowsLike(world, stream, chain, condition)));
  const strange = [...added].find((name) => !like.has(name));
  if (strange !== undefined)
    world.observer.fail('E21', `plan ${plan.id} erases the added row ${strange}, which is not meant`);
  return places;
}

/** Planned before a redaction took effect, and appended behind it. */
function overtakenLinks(world: World, stream: Stream): readonly ChainedCorrection[] {
  const marked = world.markedRedactions(stream.name);
  return world.truth.corrected
    .chain(stream.name)
    .filter(({ number, redactions }) =>
      marked.some((redaction, at) => redactions !== undefined && redaction < number && redactions <= at),
    );
}

function placesOf(world: World, { stream, targets }: CorrectionPlan): Place[] {
  const bytes = world.files.stored.get(`${stream}.corrections/documents/targets-${targets?.sha256}.json`);
  const found = bytes === undefined ? [] : decodeTargets(new TextDecoder().decode(bytes));
  return found.flatMap(({ source, runs }) =>
    runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => ({ source, offset: from + i }))),
  );
}

function copiesInLog({ truth }: World, stream: Stream, plan: CorrectionPlan, condition: Expr): Place[] {
  return (truth.partitions.get(stream.name) ?? []).flatMap(({ classified, origin }, source) =>
    classified
      .filter(({ offset }) => offset < (plan.cut[source] ?? origin))
      .filter((record) => record.class === 'rejected' || holds(condition, record.event))
      .map(({ offset }) => ({ source, offset })),
  );
}

/** What some corrections added, in force or not, of events that are meant. */
function rowsLike(
  { truth: { corrected } }: World,
  stream: Stream,
  links: ReturnType<typeof corrected.chain>,
  condition: Expr,
): Place[] {
  return links
    .filter(({ kind }) => kind === 'add' || kind === 'replace')
    .flatMap(({ id }) => corrected.effectOf(stream, [id]).added)
    .flatMap((record) =>
      record.class !== 'rejected' && holds(condition, record.event)
        ? [{ source: record.partition, offset: record.offset }]
        : [],
    );
}

/** E21: with the certificate, nothing of what was erased is where anybody could read it. */
export async function checkCertified(
  world: World,
  { stream, condition }: { readonly stream: Stream; readonly condition: Expr },
  certificate: RedactionCertificate,
): Promise<void> {
  const { observer, truth, files } = world;
  const { correction } = certificate;
  const { length } = world.markedRedactions(stream.name);
  const erased = new Set(
    truth.corrected.listOf(stream.name, [correction]).flatMap(({ drops }) => drops.map(placeName)),
  );
  const fail = (what: string): void => observer.fail('E21', `redaction ${correction} is certified, and ${what}`);
  const chain = truth.corrected.chain(stream.name);
  const gone = erasedPlaces(world, stream);
  const overtaken = overtakenLinks(world, stream);
  const before = chain.slice(0, chain.find(({ id }) => id === correction)?.number ?? 0);
  const links = before.filter(({ id }) => !overtaken.some((each) => each.id === id));
  for (const place of rowsLike(world, stream, links, condition))
    if (!gone.has(placeName(place))) fail(`the added row ${placeName(place)} was meant and is not erased`);
  for (const { id, added } of overtaken)
    if (added !== null && files.stored.has(added.file.name))
      fail(`rows of correction ${id}, which it overtook, are left`);
  for (const name of await world.namedFiles(stream.name)) {
    const left = recordsIn(files.stored.get(name)).find((place) => erased.has(placeName(place)));
    if (left !== undefined) fail(`archive file ${name} holds ${placeName(left)}`);
  }
  for (const name of files.stored.keys()) {
    const match = /^(.+)\.corrections\/documents\/(plan|diff)-/.exec(name);
    if (match?.[1] !== stream.name) continue;
    const { redactions = 0, kind } = JSON.parse(new TextDecoder().decode(files.stored.get(name))) as {
      readonly redactions?: number;
      readonly kind?: string;
    };
    if (kind !== 'redact' && redactions < length) fail(`document ${name} is from before`);
  }
  const { row } = observer;
  if (row === null) return;
  for (const entry of Object.values(row.entries))
    if (entry.stream === stream.name && !entry.corrections.includes(correction))
      fail(`entry ${entry.id} is built without it`);
  await checkStore(world, stream, erased, fail);
}

async function checkStore(
  world: World,
  stream: Stream,
  erased: ReadonlySet<string>,
  fail: (what: string) => void,
): Promise<void> {
  const store = world.store.open();
  const partitions = world.truth.partitions.get(stream.name) ?? [];
  for (const view of world.model.views.filter((each) => each.stream.name === stream.name))
    for (const partition of partitions.keys()) {
      const of = { view: view.name, version: view.version, partition, buckets: null };
      for (const { start, end } of await store.speedRows.read({ ...of, startFrom: 0, startBelow: Infinity }))
        for (let offset = start; offset < end; offset++)
          if (erased.has(`${partition}:${offset}`) && world.coverage.storeLosses === 0)
            fail(`a speed row of ${view.name}@${view.version}/${partition} from ${start} is there`);
    }
  for (const { partition, offset } of await store.ledger.deadLetters(stream.name, { limit: 10_000 }))
    if (erased.has(`${partition}:${offset}`)) fail(`the dead letter at ${partition}:${offset} is there`);
  await checkParts(world, stream, store, fail);
}

/** Every part of a view of the stream is one that a release or a candidate names: none is from before. */
async function checkParts(world: World, stream: Stream, store: ViewStore, fail: (what: string) => void): Promise<void> {
  const { row } = world.observer;
  if (row === null) return;
  const named = new Set<string>();
  for (const build of reachableBuilds(row))
    for (const { part } of (await store.parts.index(build))?.parts ?? []) named.add(part);
  const views = new Set(world.model.views.filter((view) => view.stream.name === stream.name).map(({ name }) => name));
  for (const part of (await store.parts.list()).parts) {
    const [candidate = '', view = ''] = part.split('.');
    const owned = row.candidates.some(({ id }) => id === candidate);
    // A run that began since and gave up leaves parts too, built without what was erased.
    const since = Number(candidate.slice(0, 16)) >= (world.observer.redactions.begun.get(stream.name) ?? Infinity);
    if (views.has(view) && !named.has(part) && !owned && !since) fail(`part ${part} is there`);
  }
}

/** What the redactions in effect have erased. */
function erasedPlaces(world: World, { name }: Stream): ReadonlySet<string> {
  const { corrected } = world.truth;
  const drops = marked(world, name).flatMap((id) => corrected.listOf(name, [id]).flatMap((each) => each.drops));
  return new Set(drops.map(placeName));
}

/** Redactions that the archive's manifests name. */
function marked(world: World, stream: string): readonly string[] {
  const chain = world.truth.corrected.chain(stream);
  return world.markedRedactions(stream).flatMap((number) => chain[number]?.id ?? []);
}

function recordsIn(bytes: Uint8Array | undefined): Place[] {
  if (bytes === undefined) return [];
  const { columns } = columnFileCodec.read(bytes);
  return [...columns.offsets].map((offset) => ({ source: columns.partition, offset }));
}

const placeName = ({ source, offset }: Place): string => `${source}:${offset}`;
