export * from './parquet-archive.ts';
export { createDiskFiles } from './disk-files.ts';
export { parquetHolds } from './parquet-holds.ts';
