import { readFileSync } from 'node:fs';
import path from 'node:path';

export type ServiceName = 'kafka' | 'cassandra';

/** A server as this tool runs it: pinned artefacts, each with its checksum, and the class to start. */
export interface Runtime {
  readonly name: ServiceName;
  readonly version: string;
  readonly mainClass: string;
  /** Java releases the server runs on. */
  readonly java: { readonly from: number; readonly to: number };
}

export const runtimes: Readonly<Record<ServiceName, Runtime>> = {
  kafka: { name: 'kafka', version: '4.4.0', mainClass: 'kafka.Kafka', java: { from: 17, to: 25 } },
  cassandra: {
    name: 'cassandra',
    version: '5.0.9',
    mainClass: 'org.apache.cassandra.service.CassandraDaemon',
    java: { from: 17, to: 17 },
  },
};

/** The folder with the server's POM, checksums and settings. */
export function runtimeFolder(name: ServiceName): string {
  return path.join(import.meta.dirname, '..', 'runtimes', name);
}

export interface Artefact {
  /** Where it is in a Maven repository, and below the folder of artefacts. */
  readonly path: string;
  readonly sha256: string;
}

export function artefactsOf(name: ServiceName): readonly Artefact[] {
  return readFileSync(path.join(runtimeFolder(name), 'artefacts.sha256'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ sha256: line.slice(0, 64), path: line.slice(66) }));
}
