import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SeedRun } from './run-seeds.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const CLOSING = /^(\d+) passed, (\d+) failed$/m;

/** The same seeds, spread over as many processes; each prints its own counts, and the last line sums them. */
export async function runJobs(run: Omit<SeedRun, 'trace'>, jobs: number): Promise<number> {
  const share = Math.ceil(run.seeds / jobs);
  const parts = Array.from({ length: jobs }, (_, job) => ({
    from: run.from + job * share,
    seeds: Math.min(share, run.seeds - job * share),
  })).filter(({ seeds }) => seeds > 0);
  const outputs = await Promise.all(parts.map((part) => runPart(part, run)));
  let passed = 0;
  let failed = 0;
  for (const { text, code } of outputs) {
    console.log(text.replace(CLOSING, '').trimEnd());
    const [, ok = '0', bad = '0'] = CLOSING.exec(text) ?? [];
    passed += Number(ok);
    failed += Number(bad) + (code !== 0 && bad === '0' ? 1 : 0);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function runPart(
  part: { readonly from: number; readonly seeds: number },
  { raised, kind }: Pick<SeedRun, 'raised' | 'kind'>,
): Promise<{ text: string; code: number | null }> {
  const count = [`--${kind}`, String(part.seeds)];
  const args = ['--from', String(part.from), ...count, ...(raised ? ['--raised'] : [])];
  const child = spawn(process.execPath, ['--conditions=@twofold/source', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ text, code })));
}
