import type { WritablePlatform } from '@twofold/cli';
import { SensorEvents, type Prng, type SensorMessage } from '@twofold/event-generator';
import type { OtherProducer } from '@twofold/event-log-kafka/testing';
import type { OwnServers } from '../own-servers.ts';
import type { ServerProject } from '../server-project.ts';
import type { ServiceProcess } from '../service-process.ts';
import type { smallDisk } from '../small-disk.ts';
import type { SteadySender } from '../steady-sender.ts';
import { sleep } from '../until.ts';

export const STREAM = 'sensor-readings';

/** What faults strike: a project at work over servers of its own. */
export interface Ground {
  readonly plant: ServerProject;
  readonly platform: WritablePlatform;
  readonly servers: OwnServers;
  readonly speeds: readonly ServiceProcess[];
  readonly batches: readonly ServiceProcess[];
  readonly serve: ServiceProcess;
  readonly sender: SteadySender;
  readonly other: OtherProducer;
  /** Events that others have sent so that they count. */
  readonly others: OtherEvents;
  /** The archive's disk; null where this user may not mount one. */
  readonly archiveDisk: ReturnType<typeof smallDisk>;
  readonly random: Prng;
}

/** Well-formed events of other producers, none twice. */
export class OtherEvents {
  counted = 0;
  readonly #events: SensorEvents;

  constructor(seed: number) {
    const startMs = Date.UTC(2026, 0, 1, 2);
    this.#events = new SensorEvents({ seed, startMs, sensors: 50, ratePerSecond: 50, malformed: 0, duplicate: 0 });
  }

  take(count: number): SensorMessage[] {
    return this.#events.take(count);
  }

  /** Sends events that count until they are acknowledged; the same each time, so that they count once. */
  async send(count: number, send: (events: readonly SensorMessage[]) => Promise<void>): Promise<void> {
    const events = this.take(count);
    for (let left = PATIENCE_S; ; left--)
      try {
        await send(events);
        break;
      } catch (error) {
        if (left === 0) throw error;
        await sleep(1_000);
      }
    this.counted += count;
  }
}

const PATIENCE_S = 60;

export interface Fault {
  /** In a few words; the same for all seeds. */
  readonly kind: string;
  /** How often it strikes beside the others, once each has. */
  readonly weight: number;
  /** Of those that take long: how often in a round. */
  readonly atMost?: number;
  /** Why it can not strike here; null or left out: it can. */
  readonly missing?: (ground: Ground) => string | null;
  /** Resolves when what it did is undone, not when all has recovered; gives what is worth telling. */
  readonly strike: (ground: Ground) => Promise<string | void>;
}

export function oneOf<T>(random: Prng, list: readonly T[]): T {
  const found = list[Math.floor(random.next() * list.length)];
  if (found === undefined) throw new RangeError('there is nothing to choose from');
  return found;
}

/** Milliseconds from `from` to `to`. */
export const between = (random: Prng, from: number, to: number): number => from + (to - from) * random.next();
