import { existsSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { plantedPlugin } from './tools/simulator/src/bugs/plant.ts';

/** Packages are read as sources, by the export condition that only this workspace sets. */
const conditions = ['@twofold/source', 'module', 'node', 'development|production'];

/** Projects whose tests load native code or change the process; they get processes of their own. */
const forked = new Set([
  'archive-parquet',
  'batch-engine-duckdb',
  'batch-engine-spark',
  'bootstrap',
  'cli',
  'e2e',
  'view-store-embedded',
]);

/** Node takes this package by its `main`; Vite would take its `module`, and the same package would be loaded twice. */
const alias = [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }];

/** Set by the simulator, to see whether a test fails with the bug of that name. */
const { TWOFOLD_PLANTED_BUG: planted } = process.env;
const plugins = planted === undefined ? [] : [plantedPlugin(planted)];

const roots = globSync(['libs/*', 'apps/*', 'tools/*', 'examples/*', 'e2e'], { cwd: import.meta.dirname }).filter(
  (root) => existsSync(path.join(import.meta.dirname, root, 'test')),
);

export default defineConfig({
  test: {
    slowTestThreshold: 5000,
    // What was changed for one run is for no other.
    ...(planted === undefined ? {} : { fsModuleCache: false }),
    // Half of the time goes by while tests wait for processes: two files at once even on two processors.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: roots.map((root) => {
      const name = path.basename(root);
      // What a project needs before its tests and gives back after them, such as a server.
      const setup = path.join(import.meta.dirname, root, 'test/global-setup.ts');
      return {
        plugins,
        resolve: { conditions, alias },
        ssr: { resolve: { conditions } },
        test: {
          name,
          root: path.join(import.meta.dirname, root),
          include: ['test/**/*.test.ts'],
          setupFiles: [path.join(import.meta.dirname, 'vitest.laws.ts')],
          globalSetup: existsSync(setup) ? [setup] : [],
          environment: 'node',
          pool: forked.has(name) ? 'forks' : 'threads',
          isolate: false,
          // A test that waits for ever has to end; how long the others take is not what tests are about.
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000 } },
          execArgv: ['--conditions=@twofold/source'],
        },
      };
    }),
  },
});
