import { readFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMMIT = /^[0-9a-f]{40,64}$/;

/**
 * Names the code that runs, for the records of runs: Twofold's version, its commit where one is known, and Node. The
 * commit is told by TWOFOLD_COMMIT, as for an image that is made without its repository, or is that of the folder.
 * @param root of the installation
 */
export function codeName(env: NodeJS.ProcessEnv = process.env, root = ROOT): string {
  const { version } = JSON.parse(textOf(new URL('../package.json', import.meta.url)) ?? '{}') as { version?: string };
  const commit = env['TWOFOLD_COMMIT'] || headOf(root);
  const twofold = [`twofold ${version ?? '?'}`, ...(commit === null ? [] : [`commit ${commit.slice(0, 12)}`])].join(
    ' ',
  );
  return `${twofold}, node ${process.versions.node}`;
}

/** What git has checked out in Twofold's own folder, read from its files: git itself may not be there. Null: nothing known. */
function headOf(root: string): string | null {
  // Installed as a package it stands in somebody else's repository.
  if (!textOf(`${root}/package.json`)?.includes('"name": "twofold"')) return null;
  const head = textOf(`${root}/.git/HEAD`)?.trim() ?? '';
  if (COMMIT.test(head)) return head;
  const ref = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  if (ref === undefined) return null;
  const packed = textOf(`${root}/.git/packed-refs`)?.split('\n') ?? [];
  const commit =
    textOf(`${root}/.git/${ref}`)?.trim() ?? packed.find((line) => line.endsWith(` ${ref}`))?.split(' ')[0];
  return commit !== undefined && COMMIT.test(commit) ? commit : null;
}

function textOf(file: string | URL): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
