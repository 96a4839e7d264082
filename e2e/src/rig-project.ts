import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url));

/** Jobs of the project: a run that was killed keeps its job for a lease, and meanwhile the others go on. */
export const RIG_JOBS = 4;

const total = (name: string, cron: string): string => `
    view('${name}', {
      ...common,
      dimensions: () => ({}),
      measures: (e) => ({ readings: count(), hottest: max(e.temperature) }),
      serve: [{ key: [] }],
      batch: { schedule: '${cron}' },
    }),`;

const PROJECT = `import { count, max, project, tumbling, view } from '@twofold/views';
import { rigReadings } from '../../../examples/plant/streams/rig-readings.ts';

const common = { from: rigReadings, version: 1, window: tumbling('1m'), levels: { '1m': '400d', '1h': 'forever' } } as const;

export default project('rig', {
  streams: [rigReadings],
  views: [
    view('rigMinute', {
      ...common,
      dimensions: (e) => ({ sensor: e.sensor }),
      measures: (e) => ({ readings: count(), hottest: max(e.temperature) }),
      serve: [{ key: ['sensor'] }],
      batch: { schedule: '*/10 * * * * *' },
    }),${total('second', '2-59/10 * * * * *')}${total('third', '5-59/10 * * * * *')}${total('fourth', '7-59/10 * * * * *')}
  ],
});
`;

/**
 * The plant's rig with a schedule of seconds for each view: one that the plant declares itself would be of minutes. The
 * folder lies in the workspace, where its packages are found.
 */
export function makeRigProject(): { readonly folder: string; readonly remove: () => void } {
  const folder = path.join(WORKSPACE, '.cache', 'e2e', `rig-${process.pid.toString(36)}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'twofold.config.ts'), PROJECT);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
