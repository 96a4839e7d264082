import { count, tumbling, view } from '@twofold/views';
import { byMinute, sensorReadings } from './bench-log.ts';

/** All sensors together: whether it moves with the other view shows in an answer that has both. */
const allByMinute = view('allByMinute', {
  from: sensorReadings,
  version: 1,
  dimensions: () => ({}),
  window: tumbling('1m'),
  measures: () => ({ readings: count() }),
  levels: { '1m': 'forever' },
  serve: [{ key: [] }],
});

/** Views that P1 promotes and puts back together. */
export const switchedViews = [byMinute, allByMinute];
