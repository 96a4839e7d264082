// @ts-check
// What each npm script of the workspace runs. One table, so that `npm start`, `npm test` and CI can not drift apart.

/**
 * @typedef {object} Step
 * @property {string} name what a person would call it
 * @property {readonly string[]} args arguments for the workspace's Node, relative to the workspace root
 */

/**
 * @typedef {object} Verb
 * @property {string} about one line for the list of verbs
 * @property {readonly Step[]} steps run in order; the first that fails ends the verb. The last gets the caller's arguments
 */

const source = '--conditions=@twofold/source';
/** The Kafka client asks for timers in the past, and Node warns of each. */
const quiet = ['--disable-warning=TimeoutNegativeWarning'];
const cli = [source, 'apps/cli/src/main.ts'];

const types = { name: 'types', args: ['node_modules/typescript/bin/tsc', '--build'] };
const lint = { name: 'lint', args: [source, 'tools/tidy/src/lint.ts'] };
const tidy = { name: 'tidy', args: [source, 'tools/tidy/src/main.ts'] };
const test = { name: 'tests', args: [source, 'tools/tidy/src/run-tests.ts'] };

/** @type {Readonly<Record<string, Verb>>} */
export const verbs = {
  start: {
    about: 'the plant demo; -- --once ends after comparing with the oracle, -- --rate N sets events a second',
    steps: [{ name: 'demo', args: [...cli, 'example', 'plant'] }],
  },
  example: {
    about: 'an example by name, as in -- plant --once',
    steps: [{ name: 'example', args: [...cli, 'example'] }],
  },
  test: {
    about: 'types and every test, closed by one line of counts',
    steps: [{ name: 'tests', args: [...test.args, '--types'] }],
  },
  check: {
    about: 'types, lint, tidy and the unit tests',
    steps: [types, lint, tidy, { name: 'unit tests', args: [...test.args, '--project=!e2e'] }],
  },
  sim: {
    about: 'the simulator: -- --seeds N --from S, -- --projects N --from S, or -- --bugs',
    steps: [{ name: 'simulator', args: [source, 'tools/simulator/src/main.ts'] }],
  },
  fuzz: {
    about: 'random views over random streams, by every engine: -- --cases N --seed S',
    steps: [{ name: 'fuzz', args: [source, 'tools/fuzz/src/main.ts'] }],
  },
  bench: {
    about: 'the benchmarks, all or by name',
    steps: [{ name: 'benchmarks', args: [source, 'tools/bench/src/main.ts'] }],
  },
  rates: {
    about: 'rates over a Kafka and a Cassandra, all or by name: -- kafka, rows, answers, freshness',
    steps: [{ name: 'rates over servers', args: [source, ...quiet, 'e2e/src/rates/main.ts'] }],
  },
  services: {
    about: 'a real Kafka and Cassandra on this machine: -- up, -- down, -- status; -- up spark fetches Spark',
    steps: [{ name: 'services', args: [source, 'tools/services/src/main.ts'] }],
  },
  'demo:cluster': {
    about: 'the plant over a Kafka and a Cassandra, with kills; -- --once ends by itself',
    steps: [{ name: 'demo over servers', args: [source, ...quiet, 'e2e/src/demo/main.ts'] }],
  },
  faults: {
    about: 'real processes and servers under faults, beside the oracle: -- --count N --seed S',
    steps: [{ name: 'faults', args: [source, ...quiet, 'e2e/src/faults/main.ts'] }],
  },
  lint: { about: 'eslint with the module boundaries', steps: [lint] },
  tidy: { about: "the repository's own checks", steps: [tidy] },
  types: { about: 'the type checker over all sources and tests', steps: [types] },
};
