import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { spillFolder, sweepSpillFolders } from '../src/spill-folders.ts';

it('removes the spill folders of processes that are gone, and nothing else', () => {
  const base = mkdtempSync(path.join(tmpdir(), 'twofold-spill-'));
  try {
    const directory = path.join(base, 'not', 'yet', 'there');
    sweepSpillFolders(directory);
    expect(readdirSync(directory)).toEqual([]);
    const gone = spawnSync(process.execPath, ['--version']).pid;
    for (const folder of [spillFolder(directory, gone, 1), spillFolder(directory, process.pid, 1)]) {
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'block.tmp'), 'spilled');
    }
    mkdirSync(path.join(directory, "somebody's"));
    sweepSpillFolders(directory);
    expect(readdirSync(directory).sort()).toEqual([`duckdb-${process.pid}-1`, "somebody's"].sort());
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
});
