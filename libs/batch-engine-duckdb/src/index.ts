export * from './create-duckdb-engine.ts';
