import { avg, count, max, min, stddev, tumbling, view } from '@twofold/views';
import { rigReadings } from '../streams/rig-readings.ts';

/** Each minute of each sensor of the rig; a minute is one load cycle. */
export const rigMinute = view('rigMinute', {
  description: 'Temperatures of the hydraulic rig, minute by minute.',
  owner: 'plant-ops',
  from: rigReadings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: (e) => ({
    readings: count(),
    temperature: avg(e.temperature),
    coldest: min(e.temperature),
    hottest: max(e.temperature),
    spread: stddev(e.temperature),
  }),
  levels: { '1m': '400d', '1h': 'forever' },
  serve: [{ key: ['sensor'] }],
  batch: { schedule: '* * * * *' },
});
