import { project } from '@twofold/views';
import { highVibration } from './alarms/high-vibration.ts';
import { rigReadings } from './streams/rig-readings.ts';
import { sensorReadings } from './streams/sensor-readings.ts';
import { plantMinute } from './views/plant-minute.ts';
import { rigMinute } from './views/rig-minute.ts';
import { sensorMinute } from './views/sensor-minute.ts';

export default project('plant', {
  streams: [rigReadings, sensorReadings],
  views: [rigMinute, sensorMinute, plantMinute],
  alarms: [highVibration],
});
