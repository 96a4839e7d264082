import { EndWaiters } from '@twofold/event-log';
import { segmentName } from './segment-header.ts';
import { SparseIndex } from './sparse-index.ts';

export interface Segment {
  readonly base: number;
  readonly path: string;
  readonly index: SparseIndex;
}

/** What readers know of a partition: its segments, and how far the newest of them is durable. */
export class PartitionView {
  readonly topic: string;
  readonly partition: number;
  readonly identity: string;
  readonly folder: string;
  readonly waiters = new EndWaiters();
  /** Rising by base, contiguous, never empty once the partition is open. */
  segments: Segment[] = [];
  /** One past the last durable offset. */
  end = 0;
  /** Bytes of the newest segment that count. */
  position = 0;

  constructor(place: { topic: string; partition: number; identity: string; folder: string }) {
    this.topic = place.topic;
    this.partition = place.partition;
    this.identity = place.identity;
    this.folder = place.folder;
  }

  get start(): number {
    return this.segments[0]?.base ?? 0;
  }

  /** The segment that holds, or is next to hold, the offset. */
  segmentOf(offset: number): Segment | undefined {
    return this.segments.findLast((segment) => segment.base <= offset);
  }

  /** One past the last offset of a segment. */
  endOf(segment: Segment): number {
    return this.segments.find((each) => each.base > segment.base)?.base ?? this.end;
  }

  addSegment(base: number): Segment {
    const segment = { base, path: `${this.folder}/${segmentName(base)}`, index: new SparseIndex(base) };
    this.segments.push(segment);
    return segment;
  }
}
