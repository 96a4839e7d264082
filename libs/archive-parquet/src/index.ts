export * from './parquet-archive.ts';
