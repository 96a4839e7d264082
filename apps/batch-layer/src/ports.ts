import type { ColumnArchive, StoredCorrection } from '@twofold/archive';
import type { BatchEngine } from '@twofold/batch-engine';
import type { ErasedPlace } from '@twofold/corrections';
import type { EventLog } from '@twofold/event-log';
import type { Stream } from '@twofold/schemas';
import type { Clock, Ids, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { Gate, RestatementScope, View } from '@twofold/views';

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
  /** What every candidate is held against; none, unless told. */
  readonly gates?: readonly Gate[];
  /** Which changes are told; all, unless told. */
  readonly restatements?: RestatementScope;
}

/** What erases records where they came from; a part of the log that nobody can reach from here says when it will. */
export interface SourceEraser {
  /**
   * Resolves when nothing below the cut can be read from the log any more but what the archive has, or with the day on
   * which that will be so.
   */
  erase(
    of: { readonly stream: Stream; readonly topic: string; readonly correction: StoredCorrection },
    signal: AbortSignal,
  ): Promise<readonly ErasedPlace[]>;
}

/** States of operators, beside the archive, by names as `parseOperatorStateName` reads them; for redactions. */
export interface OperatorStates {
  /** Names of all states of a change stream, of every partition and whatever declared it. */
  list(stream: string): Promise<readonly string[]>;
  /** Fine when it is gone. */
  remove(name: string): Promise<void>;
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
  /** Where there is none, the certificate of a redaction says that nobody looked after the log. */
  readonly sources?: SourceEraser;
  /** Where there is none, a certificate says that nobody looked after them. */
  readonly states?: OperatorStates;
}
