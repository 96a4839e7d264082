import { parseDuration, type Duration } from '@twofold/schemas';
import { parseCron } from './cron-table.ts';
import { ScheduleError } from './errors.ts';
import { latestSlot } from './slots.ts';

/** What happens to slots that come due while a run of the schedule is going. */
export type Overlap = 'skip' | 'queue' | 'cancel';
/** What happens to slots that came due while nobody was there. */
export type Missed = 'latest' | 'all' | 'none';

export interface ScheduleDeclaration {
  /** Five fields, six with seconds first, or @hourly, @daily, …; in UTC. */
  readonly cron: string;
  /** `queue`: the newest of them runs right after; `skip`: none does; `cancel`: the run is given up for it. */
  readonly overlap?: Overlap;
  /** `latest`: the newest of them runs; `all`: each does, oldest first; `none`: none does. */
  readonly missed?: Missed;
  /** With `missed: 'all'`, how many slots are caught up at the most; 24 unless told. */
  readonly missedAtMost?: number;
  /** Failed runs of one slot before it is left to the next; 3 unless told. */
  readonly attempts?: number;
  readonly ready?: {
    /** Share of rejected events since the live release, 0 to 1, above which a run waits. */
    readonly rejectedShare?: number;
    /** How long a run waits for what it needs before it is refused; '10m' unless told. */
    readonly within?: Duration;
  };
}

/** When views are recomputed, and what happens when that goes otherwise than planned. Plain data. */
export interface Schedule {
  /** Names its job, and with it its history: keep it when the times change. */
  readonly name: string;
  readonly cron: string;
  readonly overlap: Overlap;
  readonly missed: Missed;
  readonly missedAtMost: number;
  readonly attempts: number;
  readonly ready: { readonly rejectedShare: number | null; readonly withinMs: number };
}

/** By this name, as by that of a gate, somebody who has looked lets a run begin although too many events are rejected. */
export const REJECTED = 'rejected';

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Declares a schedule. @throws SCHEDULE_INVALID, CRON_INVALID, CRON_ZONED */
export function schedule(name: string, declaration: ScheduleDeclaration): Schedule {
  if (!NAME.test(name))
    throw refuse(name, `its name is no word of small letters, digits and '-' that begins with a letter`);
  return declared(name, declaration);
}

/** A cron expression alone: every policy is the usual one, and the expression is its name. */
export function plainSchedule(cron: string): Schedule {
  const text = cron.trim().split(/\s+/).join(' ');
  return declared(text, { cron: text });
}

function declared(name: string, declaration: ScheduleDeclaration): Schedule {
  const { cron, overlap = 'queue', missed = 'latest', missedAtMost = 24, attempts = 3, ready = {} } = declaration;
  if (latestSlot(parseCron(cron), Date.UTC(2100, 0, 1)) === null)
    throw new ScheduleError('CRON_INVALID', `schedule "${cron}" is never due: no month has that day.`);
  requireOneOf(name, 'overlap', overlap, ['skip', 'queue', 'cancel']);
  requireOneOf(name, 'missed', missed, ['latest', 'all', 'none']);
  requireWhole(name, 'missedAtMost', missedAtMost, 1_000);
  requireWhole(name, 'attempts', attempts, 100);
  const { rejectedShare = null, within = '10m' } = ready;
  if (rejectedShare !== null && !(rejectedShare >= 0 && rejectedShare <= 1))
    throw refuse(name, `ready.rejectedShare ${rejectedShare} is no share from 0 to 1`);
  return Object.freeze({
    ...{ name, cron, overlap, missed, missedAtMost, attempts },
    ready: Object.freeze({ rejectedShare, withinMs: parseDuration(within) }),
  });
}

function requireOneOf(name: string, what: string, given: string, known: readonly string[]): void {
  if (!known.includes(given)) throw refuse(name, `${what} '${given}' is none of ${known.join(', ')}`);
}

function requireWhole(name: string, what: string, given: number, max: number): void {
  if (!Number.isInteger(given) || given < 1 || given > max)
    throw refuse(name, `${what} ${given} is not a whole number from 1 to ${max}`);
}

function refuse(name: string, why: string): ScheduleError {
  return new ScheduleError('SCHEDULE_INVALID', `schedule '${name}': ${why}.`, { facts: { schedule: name } });
}
