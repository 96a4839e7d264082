import type { ConnectionOptions } from 'node:tls';

/** Where the cluster is and how it is spoken to. Secrets are in `credentials` and `tls` only; they are never logged. */
export interface CassandraSettings {
  /** `host` or `host:port`. */
  readonly contactPoints: readonly string[];
  /** The data centre whose nodes serve this process. */
  readonly localDataCenter: string;
  /** Letters, digits and `_`, at most 48, beginning with a letter. Made, with `replication`, when it is not there. */
  readonly keyspace: string;
  /** Copies in each data centre, by its name. Used once, when the keyspace is made. */
  readonly replication: Readonly<Record<string, number>>;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly tls?: ConnectionOptions;
  /** How long one request may take before it is given up, milliseconds. Default 12,000, above the server's own limits. */
  readonly requestTimeoutMs?: number;
  /** Requests of one handle that are under way at once; others wait. Default 64. */
  readonly requestsInFlight?: number;
}

export const defaultRequestTimeoutMs = 12_000;
export const defaultRequestsInFlight = 64;
