export * from './dev-process.ts';
export * from './webhook-receiver.ts';
export * from './small-disk.ts';
export * from './follow-data.ts';
