export * from './dev-process.ts';
