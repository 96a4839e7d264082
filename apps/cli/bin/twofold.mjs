#!/usr/bin/env node
// Starts the command from its TypeScript sources, with the workspace's own Node 24 when another one is typed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const own = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const recent = Number(process.versions.node.split('.')[0]) >= 24;
const node = recent || !existsSync(own) ? process.execPath : own;
const flags = [
  '--conditions=@twofold/source',
  // The Kafka client asks for timers in the past, and Node warns of each.
  '--disable-warning=TimeoutNegativeWarning',
  // V8 would make the space for young objects small after some minutes of even load, and buffers that live for
  // milliseconds would then wait for the large collections (BENCHMARKS.md, W7).
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
];
const env = {
  ...process.env,
  // Code that was compiled once starts in half the time.
  NODE_COMPILE_CACHE:
    process.env.NODE_COMPILE_CACHE ?? fileURLToPath(new URL('../../../.cache/compiled', import.meta.url)),
  // Buffers go back to the system when they are freed; glibc would keep more of them with every hour (BENCHMARKS.md, W7).
  MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '2',
  MALLOC_MMAP_THRESHOLD_: process.env.MALLOC_MMAP_THRESHOLD_ ?? '131072',
};
const child = spawn(node, [...flags, main, ...process.argv.slice(2)], { stdio: 'inherit', env });
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => child.kill(signal));
child.on('close', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
