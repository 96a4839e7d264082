import { describe, expect, it } from 'vitest';
import { sparkError } from '../src/spark-error.ts';

const job = {
  what: 'the fold of view sensorMinute',
  files: ['/a/1.parquet', '/a/2 b.parquet', '/a/3.parquet', '/a/4.parquet'],
};

describe('what Spark says, by code', () => {
  it.each([
    [
      'org.apache.spark.SparkArithmeticException: [ARITHMETIC_OVERFLOW] long overflow. SQLSTATE: 22003',
      'ENGINE_OVERFLOW',
      false,
    ],
    [
      'org.apache.spark.SparkArithmeticException: [NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION] The 1E40 rounded value',
      'ENGINE_OVERFLOW',
      false,
    ],
    [
      'org.apache.spark.memory.SparkOutOfMemoryError: [UNABLE_TO_ACQUIRE_MEMORY] Unable to acquire 262144 bytes of memory',
      'ENGINE_OUT_OF_MEMORY',
      true,
    ],
    ['java.lang.OutOfMemoryError: Java heap space', 'ENGINE_OUT_OF_MEMORY', true],
    ['java.io.IOException: No space left on device', 'ENGINE_DISK_FULL', true],
    ['org.apache.spark.sql.AnalysisException: [PATH_NOT_FOUND] Path does not exist', 'ENGINE_FAILED', false],
    ['something of a kind never seen', 'ENGINE_FAILED', false],
  ])('%s', (said, code, retryable) => {
    expect(sparkError(`org.apache.spark.SparkException: Job aborted.\n${said}\n\tat x.y.Z`, job)).toMatchObject({
      code,
      retryable,
    });
  });

  it('names the file that Spark named, also as a URI, and the files that were read when it named none', () => {
    const named = sparkError(
      'org.apache.spark.SparkException: Encountered error while reading file:///a/2%20b.parquet',
      job,
    );
    expect(named.facts['files']).toEqual(['/a/2 b.parquet']);
    expect(named.message).toContain('/a/2 b.parquet');
    const unnamed = sparkError('java.io.IOException: damaged', job);
    expect(unnamed.message).toContain('It read /a/1.parquet, /a/2 b.parquet, /a/3.parquet and 1 more.');
    expect(unnamed.facts['files']).toEqual(job.files);
  });
});
