export type * from './batch-engine.ts';
export * from './errors.ts';
