import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PLANTED_BUG } from './plant.ts';
import type { NamedTest } from './planted-bugs.ts';

/** The part that is read of what Vitest reports as JSON. */
interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly TestResult[] }[];
}

interface TestResult {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[] | null;
}

/** Why the test failed with the bug planted, in one line; null: it passed. Throws when it did not run. */
export async function failureWith(bug: string, test: NamedTest): Promise<string | null> {
  const folder = mkdtempSync(path.join(tmpdir(), 'planted-'));
  const file = path.join(folder, 'report.json');
  try {
    const said = await runVitest(bug, test, file);
    const ran = resultsIn(file).filter(({ title, status }) => title === test.title && status !== 'skipped');
    const [result] = ran;
    if (result === undefined || ran.length > 1)
      throw new RangeError(`the test "${test.title}" ran ${ran.length} times: ${said.slice(-400)}`);
    return result.status === 'passed' ? null : (result.failureMessages?.[0] ?? result.status).split('\n', 1).join('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Gives what it said of errors. */
async function runVitest(bug: string, { project, file, title }: NamedTest, report: string): Promise<string> {
  const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const pattern = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const args = ['run', '--project', project, file, '-t', pattern, '--reporter=json', `--outputFile=${report}`];
  const child = spawn(process.execPath, [vitest, ...args], {
    cwd: path.join(import.meta.dirname, '../../../..'),
    env: { ...process.env, [PLANTED_BUG]: bug },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return said;
}

/** None when there is no report, since nothing could be run. */
function resultsIn(file: string): readonly TestResult[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as Report).testResults.flatMap((each) => each.assertionResults);
  } catch {
    return [];
  }
}
