import { EngineChild } from '../src/engine-child.ts';
import { systemClock } from '@twofold/service';

/** Starts a child on an endless statement, prints the child's process id, and waits to be killed. */
const child = new EngineChild(
  { threads: 1, memoryLimitBytes: 500_000_000, spillFolder: process.argv[2] ?? '', spillLimitBytes: null },
  systemClock(),
);
const blocks = child.run({
  sql: 'select count(*)::double from range(1000000000000) r(i) where i % 7 = 3',
  kinds: ['number'],
  what: 'the test',
  files: [],
});
setTimeout(() => {
  process.stdout.write(String(child.pid));
}, 500);
await blocks.next();
