import { derivedName, type ArchiveState } from '@twofold/archive';
import { expectedLedger } from '@twofold/oracle';
import type { Stream } from '@twofold/schemas';
import type { Machine, World } from './world.ts';

type Line = ReturnType<typeof expectedLedger>[number];

/** X5: both layers count every position once, as the oracle does. */
export async function checkLedgers(world: World, { store, archive }: Machine): Promise<void> {
  const { topics, newer = [] } = world.model;
  for (const { stream, topic } of topics) {
    const later = newer.filter((each) => each.topic === topic).map((each) => each.stream);
    for (const partition of world.truth.readBy(stream).keys())
      checkLines(world, [stream, ...later], partition, await store.ledger.read(stream.name, partition, 0, Infinity));
    checkArchived(world, [stream, ...later], await archive.head(stream.name));
    for (const each of later) {
      const derived = await archive.head(derivedName(each));
      world.coverage.filesDerived += derived.files.length;
      checkArchived(world, [each], derived);
      countClasses(world, stream, each);
    }
  }
}

/** Each slice is counted whole by one version of the stream (E10); somebody who stood still may count by the former one. */
function checkLines(world: World, versions: readonly Stream[], partition: number, found: readonly Line[]): void {
  const [{ name, sliceSize } = { name: '', sliceSize: 1 }] = versions;
  const erased = erasedPositions(world, name).filter((each) => each.partition === partition);
  // A slice that is counted anew after a redaction counts what was erased as control.
  const told = (line: Line): string =>
    canonical(erased.some(({ offset }) => offset - (offset % sliceSize) === line.slice) ? silent(line) : line);
  const expected = versions.map((stream) => {
    const partitions = world.truth.readBy(stream);
    const records = partitions[partition]?.classified ?? [];
    const [origins, ends] = [partitions.map(({ origin }) => origin), partitions.map(({ end }) => end)];
    return expectedLedger(stream, records, origins, ends).flatMap((line) =>
      line.partition === partition ? [told(line)] : [],
    );
  });
  const [former = [], ...others] = expected;
  for (const [i, line] of found.map(told).entries())
    if (line === former[i] && others.some((lines) => lines[i] !== line)) world.coverage.linesByFormerVersion++;
  const isWrong = found.map(told).some((line, i) => expected.every((lines) => lines[i] !== line));
  if (isWrong || expected.some((lines) => lines.length !== found.length))
    world.observer.fail(
      'X5',
      `speed ledger of ${name}/${partition}: is ${found.map(told).join(' ')} and should be ${expected.map((lines) => lines.join(' ')).join(' or ')}`,
    );
}

/** Positions that count in one version of the stream and repeat in the other. */
function countClasses({ truth, coverage }: World, former: Stream, later: Stream): void {
  for (const [partition, { positions }] of truth.readBy(former).entries())
    for (const [offset, { class: was }] of positions) {
      const now = truth.readBy(later)[partition]?.positions.get(offset)?.class;
      if (was !== now && [was, now].includes('duplicate') && [was, now].includes('applied'))
        coverage.classesByVersion++;
    }
}

/** Each file counts what it covers as the version of the stream that wrote it reads it (E9). */
function checkArchived(world: World, versions: readonly Stream[], { stream, files }: ArchiveState): void {
  const erased = erasedPositions(world, versions[0]?.name ?? '');
  for (const file of files) {
    const version = versions.find(({ fingerprint }) => fingerprint === file.fingerprint) ?? versions[0];
    const read = version === undefined ? undefined : world.truth.readBy(version)[file.partition];
    const counted = { applied: 0, duplicate: 0, rejected: 0, control: 0 };
    for (let offset = file.from; offset < file.to; offset++) counted[read?.positions.get(offset)?.class ?? 'control']++;
    const inside = erased.filter(
      ({ partition, offset }) => partition === file.partition && file.from <= offset && offset < file.to,
    );
    for (const { class: of } of inside) {
      counted[of]--;
      counted.control++;
    }
    const [is, due] = [canonical(file.counts), canonical(counted)];
    if (is !== due)
      world.observer.fail('X5', `archive file ${file.name} of ${stream}/${file.partition} counts ${is}, not ${due}`);
  }
}

/** Positions of the log that redactions in effect have erased, with the class that each had. */
function erasedPositions({ truth }: World, stream: string) {
  const ids = truth.corrected.erasing(stream).finished;
  const all = ids.flatMap((id) => truth.corrected.listOf(stream, [id]).flatMap(({ drops }) => drops));
  return all.flatMap(({ source, offset }) => {
    const found = truth.partitions.get(stream)?.[source]?.positions.get(offset);
    return found === undefined ? [] : [{ partition: source, offset, class: found.class }];
  });
}

/** How much it covers, without what of which class. */
function silent(line: Line): Line {
  const { applied, duplicate, rejected, control } = line;
  return { ...line, applied: applied + duplicate + rejected + control, duplicate: 0, rejected: 0, control: 0 };
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
