import { decimal, instant, int, stream, text } from '@twofold/schemas';

/** Two temperature sensors of a hydraulic test rig, one reading a second. */
export const rigReadings = stream('rig-readings', {
  description: 'A temperature of the hydraulic test rig, once a second per sensor.',
  fields: {
    sensor: text().maxLength(16).description('TS1 or TS2'),
    at: instant('s').from('timestamp'),
    cycle: int().between(1, 1_000_000).description('Load cycle of the rig: one a minute'),
    temperature: decimal(3).unit('°C').between(-40, 200),
  },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  lateness: '10s',
});
