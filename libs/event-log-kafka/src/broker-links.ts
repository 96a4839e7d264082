import Broker from 'kafkajs/src/broker/index.js';
import connectionPoolBuilder from 'kafkajs/src/cluster/connectionPoolBuilder.js';
import loggers from 'kafkajs/src/loggers/index.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';
import { LogError } from '@twofold/event-log';
import { kafkaFailure } from './kafka-failures.ts';
import type { KafkaLogOptions } from './kafka-options.ts';
import { kafkajsLogging } from './kafkajs-logging.ts';
import { connectionSettings } from './kafkajs-settings.ts';
import type { BrokerAddress } from './metadata-request.ts';

export interface WireApi {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
}

/** One connection to one broker, for one request at a time. */
export type BrokerLink = Broker;

/** Idle connections kept to each broker. */
const idleMax = 16;

/** The key under which connections to whichever broker answers first are kept. */
const anywhere = 'anywhere';

/**
 * Connections to brokers, each lent to one request at a time: a broker answers the requests of a connection in turn, so
 * a read that waits at a partition's end would hold up all others on its connection. TLS, authentication and
 * re-authentication are the client library's.
 */
export class BrokerLinks {
  readonly #options: KafkaLogOptions;
  readonly #pools;
  readonly #logger;
  readonly #idle = new Map<string, BrokerLink[]>();
  readonly #lent = new Set<BrokerLink>();
  #closed = false;

  constructor(options: KafkaLogOptions) {
    this.#options = options;
    this.#logger = loggers.createLogger(kafkajsLogging(options.logger));
    this.#pools = connectionPoolBuilder({
      ...connectionSettings(options),
      logger: this.#logger,
      socketFactory: socketFactory(),
      enforceRequestTimeout: true,
      reauthenticationThreshold: 10_000,
    });
  }

  /**
   * Sends a request in Kafka's flexible encoding, its header's tags included, and gives the response after its
   * correlation id. `address` null asks whichever broker can be reached.
   */
  async request(address: BrokerAddress | null, api: WireApi, body: Buffer): Promise<Buffer> {
    return this.withLink(address, async (link) => {
      const version = link.versions?.[api.apiKey];
      if (version === undefined || version.minVersion > api.apiVersion || version.maxVersion < api.apiVersion) {
        throw new LogError(
          'LOG_FORMAT_UNKNOWN',
          `the broker at ${link.connectionPool.host}:${link.connectionPool.port} does not speak ${api.apiName} ` +
            `version ${api.apiVersion}; Kafka 3.1 and later do`,
          { facts: { ...api, offered: version } },
        );
      }
      const connection = await link.connectionPool.getConnection(0);
      return connection.send({
        request: { ...api, encode: async () => ({ buf: body, buffer: body }) },
        response: { decode: async (payload) => ({ payload }), parse: async ({ payload }) => payload },
        logResponseError: false,
      });
    });
  }

  /**
   * Lends a connection; one that failed is not used again.
   * @throws LogError alone: LOG_IO for whatever the client throws, to be tried again where that can help
   */
  async withLink<T>(address: BrokerAddress | null, use: (link: BrokerLink) => Promise<T>): Promise<T> {
    if (this.#closed) throw new LogError('LOG_CLOSED', 'the log was closed; open it again');
    const key = address === null ? anywhere : `${address.host}:${address.port}`;
    const link = this.#idle.get(key)?.pop() ?? (await this.#open(address));
    this.#lent.add(link);
    try {
      const result = await use(link);
      this.#lent.delete(link);
      await this.#giveBack(key, link);
      return result;
    } catch (error) {
      this.#lent.delete(link);
      void link.disconnect().catch(() => {});
      throw kafkaFailure(`asking the broker at ${link.connectionPool.host}:${link.connectionPool.port}`, error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#lent, ...[...this.#idle.values()].flat()];
    this.#idle.clear();
    await Promise.all(all.map((link) => link.disconnect().catch(() => {})));
  }

  async #giveBack(key: string, link: BrokerLink): Promise<void> {
    const idle = this.#idle.get(key) ?? [];
    if (this.#closed || idle.length >= idleMax) return link.disconnect();
    idle.push(link);
    this.#idle.set(key, idle);
  }

  async #open(address: BrokerAddress | null): Promise<BrokerLink> {
    const where = address === null ? this.#options.brokers.join(', ') : `${address.host}:${address.port}`;
    let failure: unknown;
    // The builder takes the configured brokers in turn.
    for (let attempt = address === null ? this.#options.brokers.length : 1; attempt > 0; attempt--) {
      try {
        const connectionPool = await this.#pools.build(address ?? undefined);
        const link = new Broker({ connectionPool, logger: this.#logger, authenticationTimeout: 10_000 });
        await link.connect();
        return link;
      } catch (error) {
        failure = error;
      }
    }
    throw kafkaFailure(`connecting to Kafka at ${where}`, failure);
  }
}
