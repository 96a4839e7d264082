export * from './archive.ts';
export * from './errors.ts';
