export { ENGINES, type OpenEngine } from './engines.ts';
export { runCases, type FuzzRun } from './run-cases.ts';
