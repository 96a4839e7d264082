export * from './create-spark-engine.ts';
export { SparkHost, type SparkOptions } from './spark-host.ts';
export * from './spark-install.ts';
