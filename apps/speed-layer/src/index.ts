export { alarmEvent, alarmStream } from './alarm-event.ts';
export { AlarmFold, alarmFolds, alarmLane, noteNewAlarms } from './alarm-fold.ts';
export { deliverAlarms } from './deliver-alarms.ts';
export * from './errors.ts';
export { mergeOnce, WIDE_LEVELS } from './merge-slices.ts';
export { PartitionWorker, SPEED_DEFAULTS } from './partition-worker.ts';
export type { SideFold, SpeedOptions, SpeedPorts, WorkerTask } from './partition-worker.ts';
export { runWanted, type Work } from './run-wanted.ts';
export { runSpeedLayer, type Incident, type SpeedLayer, type SpeedLayerTask } from './speed-layer.ts';
