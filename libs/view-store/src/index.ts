export * from './equal-bytes.ts';
export * from './errors.ts';
export * from './frozen-copy.ts';
export * from './memory/create-memory-store.ts';
export * from './operator-places.ts';
export * from './refusals.ts';
export type * from './view-store.ts';
