import { openEmbeddedStore } from '../src/index.ts';
import { clock, ids } from './test-ports.ts';

/** Opens a store as another user (0: as whoever runs it) and prints how that ended. */
const [, , directory = '', uid = '0'] = process.argv;
if (uid !== '0') process.setuid?.(Number(uid));
try {
  const store = await openEmbeddedStore({ directory, project: 'plant', ids, clock, mode: 'write' });
  await store.close();
  process.stdout.write('opened\n');
} catch (error) {
  const { code, message } = error as { code: string; message: string };
  process.stdout.write(`${code}\n${message}\n`);
}
