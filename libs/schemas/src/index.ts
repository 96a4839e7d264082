export * from './columns.ts';
export * from './decoder.ts';
export * from './errors.ts';
export * from './record-batch.ts';
export * from './stream.ts';
