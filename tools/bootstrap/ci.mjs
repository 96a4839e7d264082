// @ts-check
// Runs the stages of stages.mjs, or those named, in their order. Says one line a stage, shows what a stage wrote
// only when it failed, and closes with `N passed, N failed`: the sum of what the stages counted, a stage that does not
// count being one.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stages } from './stages.mjs';

/** @typedef {import('./stages.mjs').Stage} Stage */

const root = path.resolve(import.meta.dirname, '../..');
const logs = path.join(root, '.cache', 'ci');
const closingLine = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
const pyarrowVersion = '26.0.1';

/** A Python that has pyarrow, installed beside the workspace where that is possible; undefined where it is not. */
function pythonWithPyarrow() {
  const has = (/** @type {string} */ python) => spawnSync(python, ['-c', 'import pyarrow']).status === 0;
  if (has('python3')) return 'python3';
  const folder = path.join(root, '.cache', 'python');
  const own = path.join(folder, 'bin', 'python3');
  if (has(own)) return own;
  spawnSync('python3', ['-m', 'venv', folder]);
  spawnSync(own, ['-m', 'pip', 'install', '--quiet', `pyarrow==${pyarrowVersion}`]);
  return has(own) ? own : undefined;
}

/** Kafka and Cassandra run on it. */
const hasJava = () => spawnSync('java', ['-version']).status === 0;

/** @param {Stage} stage @returns {NodeJS.ProcessEnv} */
function environmentOf(stage) {
  const env = { ...process.env };
  delete env['FORCE_COLOR'];
  // Only the stages that say so use real servers.
  delete env['TWOFOLD_TEST_SERVICES'];
  const python = stage.python === true ? pythonWithPyarrow() : undefined;
  return {
    ...env,
    CI: 'true',
    NO_COLOR: '1',
    NX_DAEMON: 'false',
    ...(python === undefined ? {} : { TWOFOLD_PYTHON: python }),
    ...(stage.java === true ? { TWOFOLD_TEST_SERVICES: '1' } : {}),
  };
}

/**
 * @param {Stage} stage
 * @param {string} log
 * @returns {Promise<number>} the exit code
 */
function runStage(stage, log) {
  const file = openSync(log, 'w');
  const args = [path.join(root, 'tools/bootstrap/run.mjs'), stage.verb, ...(stage.args ?? [])];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', file, file],
      env: environmentOf(stage),
    });
    child.on('error', () => resolve(1));
    child.on('close', (code) => {
      closeSync(file);
      resolve(code ?? 1);
    });
  });
}

/**
 * What the stage counted in its last line; else the stage itself is one.
 * @param {string} text
 * @param {number} code
 */
function countsOf(text, code) {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const [, passed = '0', failed = '0', skipped = '0'] = closingLine.exec(last.trim()) ?? [];
  const counts = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (code === 0 && counts.passed === 0) counts.passed = 1;
  return counts;
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !stages.some((stage) => stage.name === name));
if (unknown !== undefined) {
  console.log(`There is no stage "${unknown}"; there are: ${stages.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const chosen = stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const total = { passed: 0, failed: 0, skipped: 0 };
mkdirSync(logs, { recursive: true });

/** Says what became of a stage, and counts it. @param {Stage} stage */
async function take(stage) {
  if (stage.needs !== undefined && !existsSync(path.join(root, stage.needs))) {
    console.log(`${stage.name}: skipped, ${stage.needs} is not built yet`);
    total.skipped += 1;
    return;
  }
  if (stage.java === true && (process.env['TWOFOLD_TEST_SERVICES'] !== '1' || !hasJava())) {
    console.log(`${stage.name}: skipped; TWOFOLD_TEST_SERVICES=1 runs it where there is a Java 17`);
    total.skipped += 1;
    return;
  }
  const log = path.join(logs, `${stage.name.replace(/[^a-z0-9]+/g, '-')}.log`);
  const started = performance.now();
  const code = await runStage(stage, log);
  const text = readFileSync(log, 'utf8');
  const counts = countsOf(text, code);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const isGood = code === 0 && counts.failed === 0;
  if (!isGood) console.log(text.trimEnd());
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  console.log(
    `${stage.name}: ${isGood ? 'good' : 'FAILED'} in ${seconds} s (${counts.passed} passed, ${counts.failed} failed${skipped})`,
  );
}

/** Takes stages from the front until there are none. @param {Stage[]} waiting */
async function takeAll(waiting) {
  for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) await take(stage);
}

// Those that need the machine for themselves, and then the others, two at a time: none of them keeps two processors busy.
await takeAll(chosen.filter(({ beside }) => beside !== true));
const others = chosen.filter(({ beside }) => beside === true);
await Promise.all([takeAll(others), takeAll(others)]);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
