export { Prng } from './prng.ts';
export * from './sensor-events.ts';
