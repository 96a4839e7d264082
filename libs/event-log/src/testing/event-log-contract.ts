import { afterEach, beforeEach, describe } from 'vitest';
import type { EventLog } from '../event-log.ts';
import { appendCases } from './append-cases.ts';
import { readCases } from './read-cases.ts';
import { topicCases } from './topic-cases.ts';
import { waitCases } from './wait-cases.ts';
import { type TestClock, createTestClock } from './test-clock.ts';

/** What the contract asks of the log that `makeLog` gives it. */
export interface ContractSettings {
  readonly clock: TestClock;
  readonly maxRecordBytes: number;
}

/** A log under test, and what only its maker can do to it. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** Log time is set by a server and not by the clock of the settings: how it follows the wall is then not tested. */
  readonly serverTime?: boolean;
  /** Closes the log as a process that ends does, and opens the same one again. */
  reopen(): Promise<EventLog>;
  /** Deletes a topic and makes it again, empty, with as many partitions; gives the log to go on with. */
  recreate(topic: string): Promise<EventLog>;
  /** Removes whatever the log left behind. */
  dispose(): Promise<void>;
}

export type MakeLog = (settings: ContractSettings) => Promise<LogUnderTest>;

/** How the cases reach the log of the running test. */
export interface ContractContext {
  readonly clock: TestClock;
  readonly serverTime: boolean;
  readonly maxRecordBytes: number;
  readonly log: EventLog;
  reopen(): Promise<EventLog>;
  recreate(topic: string): Promise<EventLog>;
}

/**
 * Registers the tests that every log has to pass. Trimming works in whole segments: `makeLog` must give a log whose
 * segments hold at most 64 kB, or trims exactly.
 */
export function eventLogContract(name: string, makeLog: MakeLog): void {
  describe(`${name} keeps the event log's contract`, () => {
    const maxRecordBytes = 20_000;
    let clock = createTestClock();
    let made: LogUnderTest | undefined;
    let log: EventLog | undefined;

    beforeEach(async () => {
      clock = createTestClock();
      made = await makeLog({ clock, maxRecordBytes });
      log = made.log;
    });
    afterEach(async () => {
      await log?.close();
      await made?.dispose();
    });

    function present<T>(value: T | undefined): T {
      if (value === undefined) throw new TypeError('the log of this test was not made');
      return value;
    }
    const context: ContractContext = {
      maxRecordBytes,
      get clock() {
        return clock;
      },
      get serverTime() {
        return present(made).serverTime ?? false;
      },
      get log() {
        return present(log);
      },
      reopen: async () => (log = await present(made).reopen()),
      recreate: async (topic) => (log = await present(made).recreate(topic)),
    };

    describe('appending', () => {
      appendCases(context);
    });
    describe('reading', () => {
      readCases(context);
    });
    describe('waiting at the end', () => {
      waitCases(context);
    });
    describe('topics', () => {
      topicCases(context);
    });
  });
}
