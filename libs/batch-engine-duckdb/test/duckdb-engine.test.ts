import { batchEngineContract } from '@twofold/batch-engine/testing';
import { vi } from 'vitest';
import { makeTestEngine } from './test-engine.ts';

// A process has to start, on machines with other work to do.
vi.setConfig({ testTimeout: 60_000 });

batchEngineContract('DuckDB in a child process', ({ threads }) => Promise.resolve(makeTestEngine({ threads })));
