import { execFileSync } from 'node:child_process';

/** Makes Nx look at the workspace as it is now: its boundary rule reads a stored graph, and passes where there is none. */
export function refreshProjectGraph(root: string): void {
  execFileSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'show', 'projects'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NX_DAEMON: 'false' },
  });
}
