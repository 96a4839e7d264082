import type { ColumnArchive } from '@twofold/archive';
import type { BatchEngine } from '@twofold/batch-engine';
import type { EventLog } from '@twofold/event-log';
import type { Stream } from '@twofold/schemas';
import type { Clock, Ids, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { View } from '@twofold/views';

/** A stream and the topic it is read from. */
export interface StreamTopic {
  readonly stream: Stream;
  readonly topic: string;
}

/** What the batch layer works for: one project. */
export interface BatchProject {
  readonly id: string;
  readonly streams: readonly StreamTopic[];
  /** The version of each view that this program wants live. */
  readonly views: readonly View[];
}

/** Everything from outside. */
export interface BatchPorts {
  readonly log: Pick<EventLog, 'identity' | 'partitions' | 'open'>;
  readonly archive: ColumnArchive;
  readonly engine: BatchEngine;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}
