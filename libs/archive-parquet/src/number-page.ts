import type { Fs, FsFile } from '@twofold/service';
import { type DurableEnd, EndFile } from './end-file.ts';
import { makeDurableFolder } from './durable-folder.ts';
import { damaged } from './log-failures.ts';
import { PartitionView } from './partition-view.ts';
import { PartitionWriter } from './partition-writer.ts';
import { type RecoveredSegment, recoverSegment } from './recover-segment.ts';
import { checkSealedSegment, createSegment, listSegments, readSegmentHeader } from './segment-files.ts';
import { decodeSegmentHeader, segmentBase, segmentHeaderBytes } from './segment-header.ts';

/** Bytes at the end of a segment that were never acknowledged and were cut off when the log was opened. */
export interface TornTail {
  readonly topic: string;
  readonly partition: number;
  readonly file: string;
  /** The offset that the next record gets. */
  readonly offset: number;
  readonly bytes: number;
}

export interface PartitionPlace {
  readonly topic: string;
  readonly partition: number;
  readonly identity: string;
  readonly folder: string;
}

/** Writer settings that every partition of a log shares. */
export interface PartitionSettings {
  readonly fs: Fs;
  readonly segmentBytes: number;
  readonly onTornTail: (tail: TornTail) => void;
}

export const endFileName = 'end';
const copyBytes = 1_048_576;

/**
 * Makes the folder of a new partition and its first segment, durable. What an earlier, failed try left is removed;
 * @throws LOG_DAMAGED when that holds records, which then are those of a topic whose file was lost.
 */
export async function createPartition(fs: Fs, place: PartitionPlace): Promise<void> {
  await makeDurableFolder(fs, place.folder);
  const leftovers = await fs.list(place.folder);
  for (const name of leftovers) {
    const base = segmentBase(name);
    const found = base === null ? null : await fs.stat(`${place.folder}/${name}`);
    if (base === null || (base === 0 && (found?.sizeBytes ?? 0) <= segmentHeaderBytes)) continue;
    const lost = { ...place, file: `${place.folder}/${name}`, from: base, to: null, position: 0 };
    throw damaged(lost, 'there are records where a new partition was to be made; the topic file that names it is lost');
  }
  for (const name of leftovers) await fs.remove(`${place.folder}/${name}`);
  const endFile = new EndFile(await fs.open(`${place.folder}/${endFileName}`, 'create'));
  await endFile.write({ end: 0, segmentBase: 0, position: segmentHeaderBytes }).finally(() => endFile.close());
  const { file } = await createSegment(fs, new PartitionView(place), 0, 0);
  await file.close();
}

/**
 * Opens a partition for writing: checks its segments, cuts a torn tail off and makes durable what it keeps.
 *
 * @throws LOG_DAMAGED, LOG_FORMAT_UNKNOWN
 */
export async function openPartition(settings: PartitionSettings, place: PartitionPlace): Promise<PartitionWriter> {
  const { fs } = settings;
  const view = new PartitionView(place);
  const endFile = await openEndFile(fs, place.folder);
  try {
    // A process that was killed may have left names that everyone sees and a loss of power would still take.
    await fs.syncFolder(place.folder);
    const published = await endFile.read();
    const bases = await listSegments(fs, place.folder);
    for (const base of bases) view.addSegment(base);
    const last = await openLastSegment(fs, view, published);
    try {
      for (const [i, segment] of view.segments.entries()) {
        const next = view.segments[i + 1];
        if (next !== undefined) await checkSealedSegment(fs, view, segment, next.base);
      }
      await keep(settings, view, last.file, last.found, published);
    } catch (error) {
      await last.file.close();
      throw error;
    }
    view.end = last.found.end;
    view.position = last.found.position;
    const state = { file: last.file, salt: last.salt, lastTime: last.found.lastTime, sealed: last.found.sealed };
    await endFile.write({ end: view.end, segmentBase: view.segments.at(-1)?.base ?? 0, position: view.position });
    return new PartitionWriter(fs, view, settings.segmentBytes, endFile, state);
  } catch (error) {
    await endFile.close();
    throw error;
  }
}

async function openEndFile(fs: Fs, folder: string): Promise<EndFile> {
  const path = `${folder}/${endFileName}`;
  return new EndFile(await fs.open(path, (await fs.stat(path)) === null ? 'create' : 'write'));
}

/** Opens and walks through the newest segment; one whose making was interrupted is made again. */
async function openLastSegment(
  fs: Fs,
  view: PartitionView,
  published: DurableEnd | null,
): Promise<{ file: FsFile; salt: number; found: RecoveredSegment }> {
  const segment = view.segments.at(-1);
  const place = { file: view.folder, topic: view.topic, partition: view.partition, position: 0 };
  if (segment === undefined) {
    throw damaged({ ...place, from: 0, to: published?.end ?? null }, 'the partition has no segment file');
  }
  if (published !== null && published.segmentBase > segment.base) {
    const lost = { ...place, from: published.segmentBase, to: published.end };
    throw damaged(lost, 'the newest segment file is missing');
  }
  const file = await fs.open(segment.path, 'write');
  try {
    if (await neverFinished(file, segment.path, segment.base, published)) {
      await file.close();
      const lastTime = await lastTimeBefore(fs, view);
      const made = await createSegment(fs, view, segment.base, lastTime);
      return { ...made, found: { end: segment.base, position: made.position, lastTime, sealed: false } };
    }
    const header = await readSegmentHeader(view, segment, file);
    return { file, salt: header.salt, found: await recoverSegment(view, segment, file, header, published) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A segment's header is durable before anything else is written to it: without one, it never held a record. */
async function neverFinished(file: FsFile, path: string, base: number, published: DurableEnd | null): Promise<boolean> {
  if ((await file.sizeBytes()) > segmentHeaderBytes || (published !== null && published.end > base)) return false;
  const bytes = new Uint8Array(segmentHeaderBytes);
  return decodeSegmentHeader(bytes.subarray(0, await file.pread(bytes, bytes.length, 0)), path) === null;
}

/** The log time that the last but one segment reached, so that a newest one made again does not go back. */
async function lastTimeBefore(fs: Fs, view: PartitionView): Promise<number> {
  const segment = view.segments.at(-2);
  if (segment === undefined) return 0;
  const file = await fs.open(segment.path, 'read');
  try {
    return (await recoverSegment(view, segment, file, await readSegmentHeader(view, segment, file), null)).lastTime;
  } finally {
    await file.close();
  }
}

/** Cuts the torn tail off, and writes what was never known to be durable once more before it is declared so. */
async function keep(
  settings: PartitionSettings,
  view: PartitionView,
  file: FsFile,
  found: RecoveredSegment,
  published: DurableEnd | null,
): Promise<void> {
  const segment = view.segments.at(-1);
  if (segment === undefined) return;
  const sizeBytes = await file.sizeBytes();
  const known = published?.segmentBase === segment.base ? published.position : segmentHeaderBytes;
  if (sizeBytes === found.position && known >= found.position) return;
  if (sizeBytes > found.position) {
    const { topic, partition } = view;
    const bytes = sizeBytes - found.position;
    settings.onTornTail({ topic, partition, file: segment.path, offset: found.end, bytes });
    await file.truncate(found.position);
  }
  // After a failed sync the system may hold as clean what is not on the disk: only writing it again makes sure.
  const buffer = new Uint8Array(Math.max(0, Math.min(copyBytes, found.position - known)));
  for (let position = known; position < found.position; position += buffer.length) {
    const length = await file.pread(buffer, Math.min(buffer.length, found.position - position), position);
    await file.pwrite(buffer.subarray(0, length), position);
  }
  await file.datasync();
}
