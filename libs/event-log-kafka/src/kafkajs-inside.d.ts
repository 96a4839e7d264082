// What we use of the inside of kafkajs 2.2.4, which its own declarations leave out. `kafkajs-inside.test.ts` fails when
// another version has another inside.

interface KafkajsLogger {
  namespace(name: string): KafkajsLogger;
}

interface KafkajsConnection {
  send<T>(exchange: {
    request: {
      apiKey: number;
      apiVersion: number;
      apiName: string;
      encode(): Promise<{ buf: Buffer; buffer: Buffer }>;
    };
    response: { decode(payload: Buffer): Promise<{ payload: Buffer }>; parse(data: { payload: Buffer }): Promise<T> };
    logResponseError?: boolean;
  }): Promise<T>;
}

interface KafkajsConnectionPool {
  readonly host: string;
  readonly port: number;
  getConnection(index: number): Promise<KafkajsConnection>;
}

declare module 'kafkajs/src/broker/index.js' {
  export interface RawFetch {
    replicaId: number;
    isolationLevel: number;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: { topic: string; partitions: { partition: number; fetchOffset: number; maxBytes: number }[] }[];
  }
  export interface RawMessage {
    offset: string;
    timestamp: string;
    key: Buffer | null;
    value: Buffer | null;
    isControlRecord: boolean;
    /** Missing before record batches. */
    batchContext?: { firstOffset: string; lastOffsetDelta: number; producerId: string; inTransaction: boolean };
  }
  export interface RawAborted {
    producerId: string;
    firstOffset: string;
  }
  export interface RawPartition {
    partition: number;
    errorCode: number;
    messages: RawMessage[];
    abortedTransactions?: RawAborted[] | null;
  }
  export default class Broker {
    constructor(options: {
      connectionPool: KafkajsConnectionPool;
      logger: KafkajsLogger;
      authenticationTimeout: number;
    });
    readonly connectionPool: KafkajsConnectionPool;
    readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>> | null;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    fetch(request: RawFetch): Promise<{ responses: { partitions: RawPartition[] }[] }>;
  }
}

declare module 'kafkajs/src/cluster/connectionPoolBuilder.js' {
  export default function connectionPoolBuilder(options: Readonly<Record<string, unknown>>): {
    build(destination?: { host?: string; port?: number }): Promise<KafkajsConnectionPool>;
  };
}

declare module 'kafkajs/src/network/socketFactory.js' {
  export default function socketFactory(): unknown;
}

declare module 'kafkajs/src/loggers/index.js' {
  const loggers: { createLogger(options: { level: number; logCreator: unknown }): KafkajsLogger };
  export default loggers;
}
