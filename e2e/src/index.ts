export * from './dev-process.ts';
export * from './webhook-receiver.ts';
