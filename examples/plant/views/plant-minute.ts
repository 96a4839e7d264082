import { avg, count, max, tumbling, view } from '@twofold/views';
import { sensorReadings } from '../streams/sensor-readings.ts';

/** The whole plant, minute by minute: a view without a key. */
export const plantMinute = view('plantMinute', {
  description: 'All sensors of the plant together, minute by minute.',
  owner: 'plant-ops',
  from: sensorReadings,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('1m'),
  measures: (e) => ({
    readings: count(),
    temperature: avg(e.temperature),
    pressure: avg(e.pressure),
    worst: max(e.vibration),
  }),
  levels: { '1m': '400d', '1h': 'forever' },
  serve: [{ key: [] }],
  batch: { schedule: '* * * * *' },
});
