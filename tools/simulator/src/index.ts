export { patchesOf, PLANTED_BUGS, type PlantedBug } from './bugs/planted-bugs.ts';
export { COUNTERS, type Counter, type Coverage } from './coverage.ts';
export { runHistory, type HistoryResult } from './history.ts';
export type { Violation } from './violation.ts';
export { randomProject } from './projects/random-project.ts';
export { upsertModel } from './projects/upsert-model.ts';
export { versionsModel } from './projects/versions-model.ts';
