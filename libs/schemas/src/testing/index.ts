export * from './memory-batch.ts';
