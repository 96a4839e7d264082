import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const workspace = path.resolve(import.meta.dirname, '../../..');
// Where npm puts the Node that runs this test; made up where that is not the workspace's own.
const ownNode = path.relative(workspace, process.execPath);
const nodeHere = ownNode.startsWith('node_modules') ? ownNode : 'node_modules/no-such-platform/bin/node';

// What `npm ci` leaves behind, as far as the bootstrap looks at it: a Node, a program to run, the inner lockfile.
const fakeNpm = `#!${process.execPath}
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
setTimeout(() => {
  if (fs.existsSync('npm-fails')) { console.error('npm ERR! no network'); process.exit(1); }
  fs.mkdirSync('${path.dirname(nodeHere)}', { recursive: true });
  fs.rmSync('${nodeHere}', { force: true });
  fs.symlinkSync('${process.execPath}', '${nodeHere}');
  fs.mkdirSync('node_modules/typescript/bin', { recursive: true });
  fs.writeFileSync('node_modules/typescript/bin/tsc', fs.readFileSync('program.cjs'));
  fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
}, 300);
`;

export const lockfile = (version: string) =>
  JSON.stringify({ packages: { '': {}, 'node_modules/a': { version, integrity: `sha512-${version}` } } });

/** A folder with the bootstrap, a lockfile, an npm that only pretends, and `program.cjs` as what the verb `types` runs. */
export function makeWorkspace(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'twofold-bootstrap-'));
  for (const folder of ['tools/bootstrap', '.ci']) {
    cpSync(path.join(workspace, folder), path.join(root, folder), {
      recursive: true,
      filter: (file) => !/\/(test|dist)$/.test(file),
    });
  }
  mkdirSync(path.join(root, 'bin'));
  writeFileSync(path.join(root, 'bin/npm'), fakeNpm);
  chmodSync(path.join(root, 'bin/npm'), 0o755);
  writeFileSync(path.join(root, 'package-lock.json'), lockfile('1.0.0'));
  writeFileSync(path.join(root, 'program.cjs'), "console.log('ran', process.argv.slice(2).join(' '));");
  return root;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a program in the folder, by this Node unless another command is given. */
export function start(root: string, args: readonly string[], command = process.execPath) {
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${root}/bin${path.delimiter}${process.env['PATH'] ?? ''}` };
  delete env['npm_execpath'];
  const child = spawn(command, args, { cwd: root, env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}
