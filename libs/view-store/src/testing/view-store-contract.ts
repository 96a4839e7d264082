import { afterEach, beforeEach, describe } from 'vitest';
import type { StoreError } from '../errors.ts';
import type { ViewStore } from '../view-store.ts';
import { controlCases } from './control-cases.ts';
import { handleCases } from './handle-cases.ts';
import { jobsCases } from './jobs-cases.ts';
import { ledgerCases } from './ledger-cases.ts';
import { partsCases } from './parts-cases.ts';
import { progressCases } from './progress-cases.ts';
import { runsCases } from './runs-cases.ts';
import { speedRowsCases } from './speed-rows-cases.ts';
import { unprovedCases } from './unproved-cases.ts';

/** What the contract asks of the store that `make` gives it. */
export interface StoreSettings {
  readonly project: string;
  /** Has to be told of each WRITE_CONFLICT. */
  readonly onConflict: (error: StoreError) => void;
}

/** A store under test, and what only its maker can do to it. */
export interface StoreUnderTest {
  /** One more handle, as another process has one. */
  open(): Promise<ViewStore>;
  /** Ends all handles as a process that dies does, without closing them where that can be done, and gives a new one. */
  reopen(): Promise<ViewStore>;
  /** Loses the store (E5). The next `open` gives a new, empty one. */
  destroy(): Promise<void>;
  /** Removes whatever the store left behind. */
  dispose(): Promise<void>;
}

export type MakeStore = (settings: StoreSettings) => Promise<StoreUnderTest>;

/** How the cases reach the store of the running test. */
export interface StoreContext {
  readonly store: ViewStore;
  /** What was reported since the test began. */
  readonly conflicts: readonly StoreError[];
  open(): Promise<ViewStore>;
  /** `store` is then the new handle. */
  reopen(): Promise<ViewStore>;
  destroy(): Promise<void>;
}

/** Registers the tests that every view store has to pass. */
export function viewStoreContract(name: string, make: MakeStore): void {
  describe(`${name} keeps the view store's contract`, () => {
    let conflicts: StoreError[] = [];
    let made: StoreUnderTest | undefined;
    let opened: ViewStore[] = [];

    function present<T>(value: T | undefined): T {
      if (value === undefined) throw new TypeError('the store of this test was not made');
      return value;
    }
    async function open(): Promise<ViewStore> {
      const store = await present(made).open();
      opened.push(store);
      return store;
    }
    beforeEach(async () => {
      conflicts = [];
      opened = [];
      made = await make({ project: `pl'a"nt\u0000🏭`, onConflict: (error) => conflicts.push(error) });
      await open();
    });
    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
      await made?.dispose();
    });

    const context: StoreContext = {
      get store() {
        return present(opened[0]);
      },
      get conflicts() {
        return conflicts;
      },
      open,
      reopen: async () => {
        const store = await present(made).reopen();
        opened = [store];
        return store;
      },
      destroy: () => present(made).destroy(),
    };
    describe('speed rows', () => speedRowsCases(context));
    describe('progress', () => progressCases(context));
    describe('ledger', () => ledgerCases(context));
    describe('parts and builds', () => partsCases(context));
    describe('control row', () => controlCases(context));
    describe('unproved reads', () => unprovedCases(context));
    describe('runs', () => runsCases(context));
    describe('rows of jobs', () => jobsCases(context));
    describe('handles', () => handleCases(context));
  });
}
