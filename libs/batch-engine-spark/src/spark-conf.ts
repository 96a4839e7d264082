export interface SparkConfOptions {
  /** Of Spark on this machine. */
  readonly threads: number;
  /** Heap of the driver, which on this machine is all of Spark. */
  readonly memoryLimitBytes: number;
  readonly local: boolean;
  /** Of the installation's own, such as those of its cluster; they never change what a statement means. */
  readonly conf: Readonly<Record<string, string>>;
}

/** Made below the driver's folder before it is started. */
export const TEMPORARY_FOLDER = 'temporary';

/**
 * What a session is started with. Folders are relative to the one that the driver is started in: Spark reads some settings
 * as lists with commas and parts others at blanks, and a folder's name may hold both. The last part decides what statements
 * mean, and nothing may say otherwise: arithmetic that fails instead of wrapping, no zone, files as they are.
 */
export function sparkConf({ threads, memoryLimitBytes, local, conf }: SparkConfOptions) {
  const temporary = `-Djava.io.tmpdir=${TEMPORARY_FOLDER}`;
  const heap = `${Math.max(1, Math.floor(memoryLimitBytes / (1 << 20)))}m`;
  return {
    'spark.ui.enabled': 'false',
    'spark.driver.memory': heap,
    'spark.local.dir': 'spilled',
    'spark.sql.warehouse.dir': 'warehouse',
    'spark.sql.shuffle.partitions': String(local ? threads : 4 * threads),
    // A result is read once, by this machine.
    'spark.sql.parquet.compression.codec': 'uncompressed',
    'spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs': 'false',
    'spark.hadoop.parquet.enable.summary-metadata': 'false',
    ...(local
      ? {
          'spark.driver.host': '127.0.0.1',
          'spark.driver.bindAddress': '127.0.0.1',
          // Small heaps on few cores: a fifth of the CPU seconds is saved.
          'spark.driver.extraJavaOptions': `${temporary} -XX:+UseSerialGC -XX:TieredStopAtLevel=1`,
          // One machine: what has failed once fails again.
          'spark.task.maxFailures': '1',
        }
      : { 'spark.driver.extraJavaOptions': temporary }),
    ...conf,
    'spark.sql.ansi.enabled': 'true',
    'spark.sql.session.timeZone': 'UTC',
    'spark.sql.caseSensitive': 'true',
    'spark.sql.variable.substitute': 'false',
    'spark.sql.parser.escapedStringLiterals': 'false',
    'spark.sql.files.ignoreMissingFiles': 'false',
    'spark.sql.files.ignoreCorruptFiles': 'false',
    'spark.sql.parquet.binaryAsString': 'false',
  };
}

/**
 * What a job that reads little is planned with beside the rest: to compile Java for its rows, to plan again at every stage,
 * and to part them takes longer than to look at them.
 */
export const smallJobConf = {
  'spark.sql.codegen.wholeStage': 'false',
  'spark.sql.codegen.factoryMode': 'NO_CODEGEN',
  'spark.sql.adaptive.enabled': 'false',
  'spark.sql.shuffle.partitions': '1',
};
