import { controlRow } from '@twofold/view-store/testing';
import { openEmbeddedStore } from '../src/index.ts';
import { clock, ids } from './test-ports.ts';

/** Raises the control row's sequence against whoever else does, until it is `goal`; prints each sequence it won. */
const [, , directory = '', project = '', name = '', goal = '0'] = process.argv;
const store = await openEmbeddedStore({ directory, project, ids, clock, mode: 'write' });
await store.control.create(controlRow(store.incarnation, { sequence: 0 }));
for (;;) {
  const sequence = ((await store.control.read())?.sequence ?? 0) + 1;
  if (sequence > Number(goal)) break;
  if (await store.control.compareAndSet(controlRow(store.incarnation, { sequence, live: `${name}${sequence}` })))
    process.stdout.write(`${sequence}\n`);
}
await store.close();
