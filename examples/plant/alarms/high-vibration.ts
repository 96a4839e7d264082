import { alarm } from '@twofold/views';
import { sensorReadings } from '../streams/sensor-readings.ts';

/** Sound machines vibrate with 1 mm/s and a standard deviation of 0.2: five of them above is no accident. */
export const highVibration = alarm('highVibration', {
  from: sensorReadings,
  when: (e) => e.vibration.greaterThan(2),
  key: 'sensorId',
  severity: 'critical',
  description: 'A sensor vibrates with more than 2 mm/s.',
});
