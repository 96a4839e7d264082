import { avg, count, max, sliding, stddev, view } from '@twofold/views';
import { sensorReadings } from '../streams/sensor-readings.ts';

/** The last minute of each sensor, every second. */
export const sensorMinute = view('sensorMinute', {
  description: 'Rolling averages of each sensor over one minute, every second.',
  owner: 'plant-ops',
  from: sensorReadings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensorId }),
  window: sliding('1m', { every: '1s' }),
  measures: (e) => ({
    readings: count(),
    temperature: avg(e.temperature),
    pressure: avg(e.pressure),
    vibration: stddev(e.vibration),
    worst: max(e.vibration),
  }),
  derived: (m) => ({ crest: m.worst.dividedBy(m.vibration) }),
  levels: { '1s': '2d', '1m': '30d', '1h': '400d' },
  serve: [{ key: ['sensor'] }],
  batch: { schedule: '* * * * *' },
  freshness: { warnAfter: '2s', errorAfter: '30s' },
});
