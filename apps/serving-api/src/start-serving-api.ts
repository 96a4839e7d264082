import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stream } from '@twofold/schemas';
import type { Clock, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { ByteCache } from './byte-cache.ts';
import { createApi } from './create-api.ts';
import { CursorCodec } from './cursor.ts';
import { ServingError } from './errors.ts';
import { httpHandler } from './http-handler.ts';
import { OpenRequests } from './open-requests.ts';
import { PinnedPanes } from './pinned-panes.ts';
import { PresentedCache } from './presented-cache.ts';
import { BatchReader } from './read-batch.ts';
import type { Serving } from './serving-context.ts';
import { sharedReads } from './shared-reads.ts';

export interface ServingOptions {
  readonly views: readonly View[];
  readonly streams: readonly Stream[];
  /** Stays open when the API is closed. */
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Signs cursors; at least 16 characters. Servers that share it read each other's cursors. */
  readonly cursorSecret: string | Uint8Array;
  /** Chunks that can not change are kept in memory, up to this; 64 MiB unless told. */
  readonly cacheBytes?: number;
  /** Rows that were presented are kept in memory for when the same are asked for, up to this; 32 MiB unless told. */
  readonly presentedBytes?: number;
  /** A larger answer is refused with TOO_MANY_ROWS; 100,000 unless told. */
  readonly maxRows?: number;
  /** A request that takes longer is ended with status 503; 15 s unless told. */
  readonly requestTimeoutMs?: number;
}

export interface ServingApi {
  /** `http://host:port`, without a path. */
  readonly url: string;
  address(): AddressInfo;
  /** Takes no more requests, ends those that run, and resolves when none is left. */
  close(): Promise<void>;
}

const CACHE_BYTES = 64 * 2 ** 20;
const PRESENTED_BYTES = 32 * 2 ** 20;
const MAX_ROWS = 100_000;
const TIMEOUT_MS = 15_000;
const SECRET_LENGTH = 16;

/** Serves GraphQL over HTTP until it is closed. Throws `ServingError`. */
export async function startServingApi(options: ServingOptions): Promise<ServingApi> {
  const { store, clock, logger, cursorSecret, requestTimeoutMs = TIMEOUT_MS } = options;
  if (cursorSecret.length < SECRET_LENGTH)
    throw new ServingError(
      'SECRET_TOO_SHORT',
      `the secret that signs cursors has ${cursorSecret.length} characters; give at least ${SECRET_LENGTH}`,
    );
  const cache = new ByteCache(options.cacheBytes ?? CACHE_BYTES);
  const serving: Serving = {
    views: options.views,
    streams: options.streams,
    store,
    ports: {
      store: sharedReads(store),
      batch: new BatchReader(store, cache),
      cache,
      presented: new PresentedCache(options.presentedBytes ?? PRESENTED_BYTES),
    },
    clock,
    cursors: new CursorCodec(cursorSecret),
    pinned: new PinnedPanes(clock),
    maxRows: options.maxRows ?? MAX_ROWS,
  };
  const api = createApi(serving, logger, idMaker(clock));
  const open = new OpenRequests(clock, requestTimeoutMs);
  const handler = httpHandler({ api, serving, logger, open });
  // A client that sends slowly is cut off; an idle connection outlives the pings of proxies.
  const limits = { headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 };
  const server = createServer(limits, handler);
  const address = await listen(server, options.host, options.port);
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    address: () => address,
    close: () => closeServer(server, open),
  };
}

/** Names for log lines, that no other run of the server has given. */
function idMaker(clock: Pick<Clock, 'now'>): () => string {
  const started = clock.now().toString(36);
  let count = 0;
  return () => `${started}-${(++count).toString(36)}`;
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFailure(error, host, port)));
    server.listen(port, host, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address);
      else reject(new ServingError('ADDRESS_NOT_USABLE', `${host}:${port} is not a host and a port`));
    });
  });
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): ServingError {
  const facts = { host, port };
  if (error.code === 'EADDRINUSE')
    return new ServingError(
      'ADDRESS_IN_USE',
      `${host}:${port} is in use by another program. Stop it, or choose another port with --port (or TWOFOLD_PORT); 0 takes any that is free.`,
      { facts, cause: error },
    );
  return new ServingError(
    'ADDRESS_NOT_USABLE',
    `the API can not listen on ${host}:${port} (${error.code ?? error.message}). Choose another host or port with --host and --port.`,
    { facts, cause: error },
  );
}

function closeServer(server: Server, open: OpenRequests): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    open.close();
    server.closeIdleConnections();
    // Connections whose request is being ended close with it, as the answer says `connection: close`.
  });
}
