import { describe, expect, it } from 'vitest';
import { engineError } from '../src/engine-error.ts';

const statement = {
  what: 'view sensorMinute',
  files: ['/a/1.parquet', '/a/2.parquet', '/a/3.parquet', '/a/4.parquet'],
};

describe('what the engine says, by code', () => {
  it.each([
    ['Out of Range Error: Overflow in HUGEINT multiplication: 3 * 4', 'ENGINE_OVERFLOW', false],
    ['Out of Range Error: Overflow in addition of INT64 (9223372036854775807 + 2)!', 'ENGINE_OVERFLOW', false],
    [
      "Conversion Error: Type DOUBLE with value 3e+20 can't be cast because the value is out of range for the destination type INT64",
      'ENGINE_OVERFLOW',
      false,
    ],
    [
      'Out of Memory Error: failed to allocate data of size 16.0 MiB (38.0 MiB/38.1 MiB used)',
      'ENGINE_OUT_OF_MEMORY',
      true,
    ],
    [
      "Out of Memory Error: failed to offload data block of size 160.0 KiB (864.0 KiB/976.5 KiB used).\nThis limit was set by the 'max_temp_directory_size' setting.",
      'ENGINE_DISK_FULL',
      true,
    ],
    [
      'IO Error: Could not write file "/spill/duckdb_temp_storage-0.tmp": No space left on device',
      'ENGINE_DISK_FULL',
      true,
    ],
    ['IO Error: No files found that match the pattern "/a/2.parquet"', 'ENGINE_FAILED', false],
    ['Invalid Input Error: something of a kind never seen', 'ENGINE_FAILED', false],
  ])('%s', (message, code, retryable) => {
    expect(engineError(message, statement)).toMatchObject({ code, retryable });
  });

  it('names the file that the engine named, and the files that were read when it named none', () => {
    const named = engineError(
      'IO Error: No files found that match the pattern "/a/2.parquet"\n\nLINE 1: select',
      statement,
    );
    expect(named.facts['files']).toEqual(['/a/2.parquet']);
    expect(named.message).toBe(
      'view sensorMinute: IO Error: No files found that match the pattern "/a/2.parquet". `twofold verify` compares the files with their manifests.',
    );
    const unnamed = engineError('ZSTD Decompression failure', statement);
    expect(unnamed.message).toContain('It read /a/1.parquet, /a/2.parquet, /a/3.parquet and 1 more.');
    expect(unnamed.facts['files']).toEqual(statement.files);
  });
});
