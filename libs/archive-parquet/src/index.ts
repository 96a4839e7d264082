export * from './parquet-archive.ts';
export { createDiskFiles } from './disk-files.ts';
