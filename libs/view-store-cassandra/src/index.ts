export { destroyCassandraStore, openCassandraStore, type CassandraStoreOptions } from './open-cassandra-store.ts';
export type { CassandraSettings } from './settings.ts';
export { tableStatements } from './table-statements.ts';
export { tablesHolding } from './tables-holding.ts';
