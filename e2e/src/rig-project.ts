import { writeProject, type WrittenProject } from './written-project.ts';

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

/** The plant's rig with a schedule of seconds for each view: one that the plant declares itself would be of minutes. */
export function makeRigProject(): WrittenProject {
  return writeProject('rig', PROJECT);
}
