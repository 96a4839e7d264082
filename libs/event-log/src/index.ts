export * from './archived-log.ts';
export * from './class-history.ts';
export * from './classified-reader.ts';
export * from './end-waiters.ts';
export * from './errors.ts';
export type * from './event-log.ts';
export * from './memory-log.ts';
export * from './partitioner.ts';
export * from './refusals.ts';
