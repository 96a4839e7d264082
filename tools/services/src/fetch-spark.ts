import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ServicesError } from './errors.ts';
import { addressVariable, javaFor } from './find-java.ts';
import type { Options } from './options.ts';
import type { Surroundings } from './up.ts';

/** Spark is no server here: the batch engine starts it, and needs its files, a Java and a Python. */
const spark = { name: 'spark', version: '4.3.0', java: { from: 17, to: 25 } } as const;

/** Names the Python that runs Spark's driver. */
const pythonVariable = 'TWOFOLD_SPARK_PYTHON';
const requirements = path.join(import.meta.dirname, '..', 'runtimes', 'spark', 'requirements.txt');

export interface FetchedSpark {
  readonly service: 'spark';
  /** A folder, as TWOFOLD_SPARK_HOME takes it. */
  readonly address: string;
  readonly version: string;
}

/**
 * Sees to it that there is a Spark: the one that TWOFOLD_SPARK_HOME names, else one that pip fetches with its own
 * settings, each file with the checksum it was pinned at.
 */
export async function fetchSpark(options: Options, { env, say }: Surroundings): Promise<FetchedSpark> {
  const java = javaFor(spark, env);
  const python = pythonFor(env);
  const named = env[addressVariable.spark]?.trim() ?? '';
  if (named !== '') {
    say(`spark: using ${named}, Java ${java.release}, ${python}`);
    return { service: 'spark', address: named, version: 'not asked' };
  }
  const folder = sparkFolder(options);
  if (!existsSync(folder)) {
    say(`spark ${spark.version}: fetching 456 MB, a minute or two, once`);
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(path.dirname(folder), { recursive: true });
    installWithPip(python, partial, env);
    await rename(partial, folder);
  }
  say(`spark ${spark.version} is there, with Java ${java.release}: export ${addressVariable.spark}=${folder}`);
  return { service: 'spark', address: folder, version: spark.version };
}

export function sparkFolder({ artefacts }: Pick<Options, 'artefacts'>): string {
  return path.join(artefacts, `spark-${spark.version}`);
}

/** @throws ServicesError saying what to install */
function pythonFor(env: NodeJS.ProcessEnv): string {
  const python = env[pythonVariable] ?? 'python3';
  const isOne = ['-c', 'import sys, pip; sys.exit(sys.version_info < (3, 10))'];
  if (spawnSync(python, isOne, { env }).status === 0) return python;
  throw new ServicesError(
    `Spark ${spark.version} needs a Python from 3.10 on, with pip, and "${python}" is none. Install one, for example ` +
      `with "apt-get install python3-pip", or name it by ${pythonVariable}.`,
  );
}

function installWithPip(python: string, folder: string, env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr } = spawnSync(
    python,
    [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes'],
      ...['--target', folder, '--requirement', requirements],
    ],
    { encoding: 'utf8', env },
  );
  if (status !== 0) throw new ServicesError(`pip could not fetch Spark ${spark.version}:\n${stdout}${stderr}`.trim());
}
