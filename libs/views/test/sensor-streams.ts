import { boolean, date, decimal, enumeration, float, instant, int, stream, text, uuid } from '@twofold/schemas';

/** One field of every kind. */
export const readings = stream('sensor-readings', {
  fields: {
    sensorId: text().from('sensor_id').maxLength(64),
    at: instant('ms').from('timestamp'),
    temperature: decimal(3).unit('°C').between(-90, 400),
    pressure: decimal(1).unit('kPa').optional(),
    vibration: float({ quantum: 2 ** -20 })
      .unit('mm/s')
      .between(0, 1000),
    starts: int().between(-1000, 1000).optional(),
    serial: int(),
    state: enumeration(['on', 'off', 'fault']),
    note: text().optional(),
    tested: boolean().optional(),
    installed: date().optional(),
    owner: uuid().optional(),
  },
  id: ['sensorId', 'at'],
  eventTime: 'at',
});
