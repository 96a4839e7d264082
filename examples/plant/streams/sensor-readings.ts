import { decimal, float, instant, stream, text } from '@twofold/schemas';

/** What every sensor of the plant sends, 10,000 messages a second at full size. */
export const sensorReadings = stream('sensor-readings', {
  description: 'One message per sensor tick.',
  fields: {
    sensorId: text().from('sensor_id').maxLength(64),
    at: instant('ms').from('timestamp'),
    temperature: decimal(3).unit('°C').between(-90, 400),
    pressure: decimal(3).unit('kPa').optional(),
    vibration: float({ quantum: 2 ** -20 })
      .unit('mm/s')
      .between(0, 1000),
  },
  id: ['sensorId', 'at'],
  eventTime: 'at',
  partitionKey: 'sensorId',
  lateness: '1m',
  skew: '5m',
  dedupeHorizon: 100_000,
  // What is folded since a slice began is written with each flush: at 10,000 a second a small slice keeps answers fresh.
  sliceSize: 4_096,
});
