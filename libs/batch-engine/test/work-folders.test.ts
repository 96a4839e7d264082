import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sweepWorkFolders, workFolder } from '@twofold/batch-engine';
import { expect, it } from 'vitest';

it('removes the folders of processes that are gone, and nothing else', () => {
  const base = mkdtempSync(path.join(tmpdir(), 'twofold-work-'));
  try {
    const directory = path.join(base, 'not', 'yet', 'there');
    sweepWorkFolders(directory, 'duckdb');
    expect(readdirSync(directory)).toEqual([]);
    const gone = spawnSync(process.execPath, ['--version']).pid;
    const others = ["somebody's", `duckdb-${gone}`, `spark-${gone}-1`, `duckdb-${process.pid}-1`];
    for (const folder of [
      workFolder(directory, 'duckdb', gone, 1),
      ...others.map((name) => path.join(directory, name)),
    ]) {
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'block.tmp'), 'spilled');
    }
    sweepWorkFolders(directory, 'duckdb');
    expect(readdirSync(directory).sort()).toEqual(others.sort());
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
});
