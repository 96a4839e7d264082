export * from './read-view.ts';
export * from './read-batch.ts';
export * from './byte-cache.ts';
