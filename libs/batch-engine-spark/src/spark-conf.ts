export interface SparkConfOptions {
  /** Of Spark on this machine. */
  readonly threads: number;
  /** Heap of the driver, which on this machine is all of Spark. */
  readonly memoryLimitBytes: number;
  /** For what Spark spills. */
  readonly workFolder: string;
  readonly local: boolean;
  /** Of the installation's own, such as those of its cluster; they never change what a statement means. */
  readonly conf: Readonly<Record<string, string>>;
}

/**
 * What a session is started with. The last part decides what statements mean, and nothing may say otherwise: arithmetic
 * that fails instead of wrapping, no zone, files as they are.
 */
export function sparkConf({ threads, memoryLimitBytes, workFolder, local, conf }: SparkConfOptions) {
  const heap = `${Math.max(1, Math.floor(memoryLimitBytes / (1 << 20)))}m`;
  return {
    'spark.ui.enabled': 'false',
    'spark.driver.memory': heap,
    'spark.local.dir': workFolder,
    'spark.sql.warehouse.dir': `${workFolder}/warehouse`,
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
          'spark.driver.extraJavaOptions': '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
          // One machine: what has failed once fails again.
          'spark.task.maxFailures': '1',
        }
      : {}),
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
