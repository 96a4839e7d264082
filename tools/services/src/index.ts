export * from './cluster.ts';
export * from './errors.ts';
export * from './node-process.ts';
export * from './options.ts';
export * from './run-services.ts';
export * from './runtimes.ts';
export * from './up.ts';
