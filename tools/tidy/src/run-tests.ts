// Runs the tests of every project in one vitest process and closes with one plain line, `N passed, N failed`.
// A file that can not be imported, an error outside a test, a type error and a run without tests all count as failed.
import { spawnSync } from 'node:child_process';
import { parseCLI, startVitest, type TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** With `--types`, the type checker over all sources and tests is the first test. */
function countTypes(counts: Counts): void {
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '--build'], { stdio: 'inherit' });
  if (status === 0) counts.passed += 1;
  else counts.failed += 1;
}

function countModule(counts: Counts, module: TestModule): void {
  const tests = [...module.children.allTests()];
  if (module.state() === 'failed' && tests.every((test) => test.result().state !== 'failed')) counts.failed += 1;
  for (const test of tests) {
    const { state } = test.result();
    counts[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
  }
}

async function countTests(counts: Counts, args: readonly string[]): Promise<void> {
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const vitest = await startVitest('test', filter, { ...options, run: true, watch: false });
  const modules = vitest.state.getTestModules();
  for (const module of modules) countModule(counts, module);
  counts.failed += vitest.state.getUnhandledErrors().length;
  // What fails before any test, as a project's set-up, vitest only prints, and leaves an exit code.
  const unseen = modules.length === 0 || (process.exitCode !== undefined && process.exitCode !== 0);
  if (unseen && counts.failed === 0) counts.failed += 1;
  await vitest.close();
}

const args = process.argv.slice(2);
const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
if (args.includes('--types')) countTypes(counts);
try {
  await countTests(
    counts,
    args.filter((arg) => arg !== '--types'),
  );
} catch (error) {
  console.error(error);
  counts.failed += 1;
}
if (counts.passed + counts.failed === 0) console.log('No test ran.');
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
