import type { ConnectionOptions } from 'node:tls';
import type { Clock, Logger } from '@twofold/service';

/** How to prove who we are. Nothing of it is ever logged. */
export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> };

/** Where Kafka is and how to talk to it. */
export interface KafkaConnection {
  /** `host:port` of some brokers; the others are learned from them. */
  readonly brokers: readonly string[];
  /** Shown in the broker's logs and quotas. Default `twofold`. */
  readonly clientId?: string;
  /** True: TLS with the system's authorities; else what Node's TLS takes (ca, cert, key, servername). */
  readonly tls?: boolean | ConnectionOptions;
  readonly sasl?: KafkaSasl;
  /** Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Default 30,000. */
  readonly requestTimeoutMs?: number;
}

export type KafkaCompression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** What a topic is made with, and checked for when it is there already. */
export interface KafkaTopicSettings {
  /** Default: the broker's. */
  readonly replicationFactor?: number;
  /** How long Kafka keeps records; a topic that keeps them for less is refused. Default: the broker's. */
  readonly retentionMs?: number;
  /** Refuses a topic whose log time is set by producers (E11); else that is only said. Default false. */
  readonly brokerTimeRequired?: boolean;
}

export interface KafkaLogOptions extends KafkaConnection {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Before every topic's name; a project's id, since two projects may share a cluster. Default none. */
  readonly topicPrefix?: string;
  /** Key and value of a record together. Default 1 MiB, and never more than the topic takes. */
  readonly maxRecordBytes?: number;
  /** Of what is appended. Default `lz4`. */
  readonly compression?: KafkaCompression;
  /** Bytes of keys and values that wait to be sent; more makes `append` wait. Default 16 MiB. */
  readonly maxBacklogBytes?: number;
  readonly topics?: KafkaTopicSettings;
  /** `fast` decodes record batches where they were received; `plain` leaves that to the client library. Default `fast`. */
  readonly reader?: 'fast' | 'plain';
  /** A batch that unpacks to more is refused as damaged. Default 64 MiB. */
  readonly maxBatchBytes?: number;
  /** How long a read or an append tries again while brokers are away or partitions move. Default 10,000. */
  readonly patienceMs?: number;
}
