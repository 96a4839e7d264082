export * from './arbitraries.ts';
export * from './hostile-tokens.ts';
export * from './memory-batch.ts';
