import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { Stream } from '@twofold/schemas';
import type { BatchEngine, SourceFile } from '../batch-engine.ts';
import { expressionCases } from './expression-cases.ts';
import { faultCases } from './fault-cases.ts';
import { foldCases } from './fold-cases.ts';
import type { EventFile } from './source-events.ts';
import { sessionCases } from './session-cases.ts';
import { splitCases } from './split-cases.ts';
import { surveyCases } from './survey-cases.ts';

/** An engine under test, and how its maker gives it files. */
export interface EngineUnderTest {
  readonly engine: BatchEngine;
  /** Archives these rows as the engine reads them; each call makes new files, in the order given. */
  makeSource(stream: Stream, files: readonly EventFile[]): Promise<readonly SourceFile[]>;
  /** Closes the engine and removes the files. */
  dispose(): Promise<void>;
}

export type MakeEngine = (settings: { readonly threads: number }) => Promise<EngineUnderTest>;

/** How the cases reach the engine, which is one for all of them: an engine serves job after job. */
export interface EngineContext {
  readonly engine: BatchEngine;
  makeSource(stream: Stream, files: readonly EventFile[]): Promise<readonly SourceFile[]>;
  /** Another engine, with as many threads; it is disposed of with the test. */
  another(threads: number): Promise<EngineUnderTest>;
}

/** Registers the tests that every batch engine has to pass. */
export function batchEngineContract(name: string, make: MakeEngine): void {
  describe(`${name} keeps the contract of a batch engine`, () => {
    let made: EngineUnderTest[] = [];
    const another = async (threads: number): Promise<EngineUnderTest> => {
      const engine = await make({ threads });
      made.push(engine);
      return engine;
    };
    let shared: EngineUnderTest | null = null;
    const now = (): EngineUnderTest => {
      if (shared === null) throw new TypeError('the engine is there only while a test runs');
      return shared;
    };
    beforeAll(async () => {
      shared = await make({ threads: 1 });
    });
    afterEach(async () => {
      for (const engine of made) await engine.dispose();
      made = [];
    });
    afterAll(async () => {
      await shared?.dispose();
      shared = null;
    });
    const context: EngineContext = {
      get engine() {
        return now().engine;
      },
      makeSource: (stream, files) => now().makeSource(stream, files),
      another,
    };
    foldCases(context);
    splitCases(context);
    sessionCases(context);
    expressionCases(context);
    surveyCases(context);
    faultCases(context);
  });
}
