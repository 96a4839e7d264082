export { caughtUp } from './caught-up.ts';
export { compareView, readWholeLog, type Comparison } from './compare-with-oracle.ts';
export { appendThroughSocket } from './ingest-socket.ts';
export { alarmStream } from '@twofold/speed-layer';
export { alarmTopic } from './run-alarms.ts';
export { loadProject, type LoadedProject } from './load-project.ts';
export { openToFollow, openToWrite, topicsOf, type Platform, type WritablePlatform } from './platform.ts';
export { runPlatform, type RunningPlatform } from './run-platform.ts';
export { settings, type CliSettings } from './settings.ts';
