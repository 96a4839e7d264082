import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ServicesError } from './errors.ts';
import type { Runtime } from './runtimes.ts';

export interface Java {
  readonly command: string;
  readonly release: number;
}

/** The Java of JAVA_HOME, else the first on the PATH; null where there is none that starts. */
export function findJava(env: NodeJS.ProcessEnv): Java | null {
  const home = env['JAVA_HOME'];
  const commands = [...(home === undefined || home === '' ? [] : [path.join(home, 'bin', 'java')]), 'java'];
  for (const command of commands) {
    const { status, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8', env });
    const release = /version "(\d+)/.exec(stderr ?? '')?.[1];
    if (status === 0 && release !== undefined) return { command, release: Number(release) };
  }
  return null;
}

/** @throws ServicesError saying what to install, when there is no Java or not one the server runs on. */
export function javaFor(
  runtime: Pick<Runtime, 'version' | 'java'> & { readonly name: keyof typeof addressVariable },
  env: NodeJS.ProcessEnv,
): Java {
  const java = findJava(env);
  const { from, to } = runtime.java;
  if (java !== null && java.release >= from && java.release <= to) return java;
  const found = java === null ? 'there is no Java here' : `the Java here ("${java.command}") is ${java.release}`;
  const wanted = from === to ? String(from) : `${from} to ${to}`;
  throw new ServicesError(
    `${runtime.name} ${runtime.version} needs Java ${wanted}; ${found}. Install Java 17, for example with ` +
      '"apt-get install openjdk-17-jre-headless" or "brew install openjdk@17", and put it on the PATH or name it ' +
      `by JAVA_HOME. Or name a ${runtime.name} that is there already by ${addressVariable[runtime.name]}.`,
  );
}

/** The variables that name services which are there already. */
export const addressVariable = {
  kafka: 'TWOFOLD_KAFKA_BROKERS',
  cassandra: 'TWOFOLD_CASSANDRA_CONTACT_POINTS',
  spark: 'TWOFOLD_SPARK_HOME',
} as const;
