// @ts-check
// What CI runs, in this order. A stage is a verb of verbs.mjs with arguments.

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} verb
 * @property {readonly string[]} [args]
 * @property {string} [needs] a file without which the stage can not run yet; the stage is then shown as skipped
 * @property {boolean} [java] can only be run where there is a Java; real servers are then started and used
 * @property {boolean} [beside] runs beside another one, after all that do not
 * @property {boolean} [python] wants a Python with pyarrow, where one can be had
 */

const simulator = 'tools/simulator/src/main.ts';

/** @type {readonly Stage[]} */
export const stages = [
  { name: 'types and tests', verb: 'test', python: true },
  {
    name: 'servers',
    verb: 'test',
    // One file at a time: what they measure is how soon something is well again.
    args: ['--project=e2e', 'test/servers', '--no-file-parallelism'],
    needs: 'apps/cli/src/commands/speed-layer.ts',
    java: true,
  },
  {
    name: 'contracts on servers',
    verb: 'test',
    args: [
      '--project=event-log-kafka',
      '--project=view-store-cassandra',
      '--project=services',
      '--no-file-parallelism',
    ],
    java: true,
  },
  { name: 'faults', verb: 'faults', args: ['--count', '60', '--seed', '1'], java: true },
  { name: 'spark', verb: 'test', args: ['--project=batch-engine-spark'], java: true },
  // On the Spark that the stage before it has fetched.
  { name: 'fuzz on spark', verb: 'fuzz', args: ['--engine', 'spark', '--cases', '50', '--seed', '1'], java: true },
  // The long ones first.
  {
    name: 'simulator',
    verb: 'sim',
    args: ['--seeds', '1000', '--from', '1'],
    needs: simulator,
    beside: true,
  },
  {
    name: 'simulator, raised faults',
    verb: 'sim',
    args: ['--seeds', '1000', '--from', '1', '--raised'],
    needs: simulator,
    beside: true,
  },
  { name: 'simulator, planted bugs', verb: 'sim', args: ['--bugs'], needs: simulator, beside: true },
  {
    name: 'random projects',
    verb: 'sim',
    args: ['--projects', '8', '--from', '1'],
    needs: simulator,
    beside: true,
  },
  { name: 'lint', verb: 'lint', beside: true },
  {
    name: 'fuzz',
    verb: 'fuzz',
    args: ['--cases', '2000', '--seed', '1'],
    needs: 'tools/fuzz/src/main.ts',
    beside: true,
  },
  { name: 'demo, once', verb: 'start', args: ['--once'], needs: 'apps/cli/src/main.ts', beside: true },
  {
    name: 'revisions, once',
    verb: 'example',
    args: ['revisions', '--once'],
    needs: 'apps/cli/src/main.ts',
    beside: true,
  },
  { name: 'tidy', verb: 'tidy', beside: true },
  {
    name: 'change streams',
    verb: 'sim',
    args: ['--upserts', '12', '--from', '1'],
    needs: simulator,
    beside: true,
  },
  {
    name: 'stream versions',
    verb: 'sim',
    args: ['--versions', '24', '--from', '1'],
    needs: simulator,
    beside: true,
  },
];
