import type { Fs, FsFile } from '@twofold/service';
import { type DurableEnd, EndFile } from './end-file.ts';
import { type LogFault, type LogRemark, faultOf } from './log-fault.ts';
import { type PartitionPlace, endFileName } from './open-partition.ts';
import { PartitionView, type Segment } from './partition-view.ts';
import { listSegments, readSegmentHeader } from './segment-files.ts';
import { decodeSegmentHeader, segmentHeaderBytes, segmentName } from './segment-header.ts';
import { type VerifiedSegment, verifySegment } from './verify-segment.ts';

/** What verification says while it goes. */
export interface VerifyReport {
  fault(fault: LogFault): void;
  remark(remark: LogRemark): void;
}

export interface VerifiedPartition {
  readonly partition: number;
  /** The offsets `[start, end)` that the files hold, damage included. */
  readonly start: number;
  readonly end: number;
  readonly segments: number;
  readonly records: number;
  readonly bytes: number;
}

/** Reading only. */
export type ReadFs = Pick<Fs, 'open' | 'stat' | 'list'>;

/** The end file is overwritten in place: a reader may meet the writer, and looks again. */
const endLooks = 5;

/** Checks every frame of every segment of one partition, oldest first, and that nothing is missing between them. */
export async function verifyPartition(
  fs: ReadFs,
  place: PartitionPlace,
  report: VerifyReport,
  signal?: AbortSignal,
): Promise<VerifiedPartition> {
  const view = new PartitionView(place);
  const whole = { ...placeOf(view, place.folder), position: null, from: null, to: null };
  // First what was published, then which files there are: what was published is in them, whatever is written meanwhile.
  const published = await readEnd(fs, view, report);
  try {
    for (const base of await listSegments(fs, place.folder)) view.addSegment(base);
  } catch (error) {
    report.fault(faultOf(error, whole));
  }
  const totals = { segments: 0, records: 0, bytes: 0, end: view.start };
  for (const [i, segment] of view.segments.entries()) {
    signal?.throwIfAborted();
    const next = view.segments[i + 1]?.base ?? missingNewest(view, published);
    const found = await verifyOne(fs, view, segment, next, published, report);
    totals.segments += 1;
    totals.records += found?.records ?? 0;
    totals.bytes += found?.bytes ?? 0;
    totals.end = next ?? found?.end ?? Math.max(segment.base, published?.end ?? 0);
    if (found !== null && found.sealedAt !== null && next !== null && found.sealedAt < next)
      report.fault(missingSegment(view, found.sealedAt, next));
  }
  const lost = missingNewest(view, published);
  if (lost !== null && published !== null) {
    report.fault(missingSegment(view, lost, published.end));
    totals.end = published.end;
  } else if (view.segments.length === 0) {
    report.fault({ ...whole, code: 'FILE_MISSING', detail: 'the partition has no segment file' });
  }
  return { partition: place.partition, start: view.start, ...totals };
}

/** The first offset of the newest segment, when its file is not there. */
function missingNewest(view: PartitionView, published: DurableEnd | null): number | null {
  return published !== null && published.segmentBase > (view.segments.at(-1)?.base ?? -1)
    ? published.segmentBase
    : null;
}

function missingSegment(view: PartitionView, from: number, to: number): LogFault {
  const file = `${view.folder}/${segmentName(from)}`;
  return { ...placeOf(view, file), code: 'FILE_MISSING', position: null, from, to, detail: 'a segment is missing' };
}

function placeOf(view: PartitionView, file: string): { file: string; topic: string; partition: number } {
  return { file, topic: view.topic, partition: view.partition };
}

async function readEnd(fs: ReadFs, view: PartitionView, report: VerifyReport): Promise<DurableEnd | null> {
  const path = `${view.folder}/${endFileName}`;
  for (let look = 0; look < endLooks; look++) {
    if ((await fs.stat(path)) === null) break;
    const file = new EndFile(await fs.open(path, 'read'));
    const published = await file.read().finally(() => file.close());
    if (published !== null) return published;
  }
  report.remark({ code: 'END_UNREADABLE', ...placeOf(view, path), bytes: 0 });
  return null;
}

/** Null: nothing of it can be read, or retention has taken it meanwhile. */
async function verifyOne(
  fs: ReadFs,
  view: PartitionView,
  segment: Segment,
  next: number | null,
  published: DurableEnd | null,
  report: VerifyReport,
): Promise<VerifiedSegment | null> {
  const place = placeOf(view, segment.path);
  const known = published?.segmentBase === segment.base ? published : null;
  const to = next ?? known?.end ?? null;
  try {
    const file = await fs.open(segment.path, 'read');
    try {
      if (next === null && (known === null || known.end <= segment.base)) {
        const bytes = await unfinishedBytes(file, segment.path);
        if (bytes !== null) {
          report.remark({ code: 'SEGMENT_UNFINISHED', ...place, bytes });
          return null;
        }
      }
      const { salt } = await readSegmentHeader(view, segment, file);
      const what = { place, base: segment.base, file, salt, next, published: known };
      const found = await verifySegment(what, (fault) => report.fault(fault));
      if (found.tailBytes > 0) report.remark({ code: 'TORN_TAIL', ...place, bytes: found.tailBytes });
      return found;
    } finally {
      await file.close();
    }
  } catch (error) {
    const fault = faultOf(error, { ...place, position: 0, from: segment.base, to });
    if (fault.code !== 'FILE_MISSING' || !(await trimmed(fs, view, segment))) report.fault(fault);
    return null;
  }
}

/** Size of a newest segment whose making was interrupted, or is under way; null: it has a header, or has more. */
async function unfinishedBytes(file: FsFile, path: string): Promise<number | null> {
  const sizeBytes = await file.sizeBytes();
  if (sizeBytes > segmentHeaderBytes) return null;
  const bytes = new Uint8Array(segmentHeaderBytes);
  const header = decodeSegmentHeader(bytes.subarray(0, await file.pread(bytes, bytes.length, 0)), path);
  return header === null ? sizeBytes : null;
}

/** Retention takes the oldest first: a file that is gone was trimmed when nothing before it is left. */
async function trimmed(fs: ReadFs, view: PartitionView, segment: Segment): Promise<boolean> {
  const [oldest = -1] = await listSegments(fs, view.folder).catch(() => []);
  return oldest > segment.base;
}
