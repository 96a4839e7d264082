import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stream } from '@twofold/schemas';
import type { Clock, Ids, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { ByteCache } from './byte-cache.ts';
import { createApi } from './create-api.ts';
import { CursorCodec } from './cursor.ts';
import { ServingError } from './errors.ts';
import { httpHandler, type HttpPorts } from './http-handler.ts';
import { OpenRequests } from './open-requests.ts';
import type { Operations } from './operations/operations.ts';
import type { RestatementSource } from './operations/restatement-field.ts';
import { operatorCheck } from './operator-token.ts';
import { PinnedPanes } from './pinned-panes.ts';
import { PresentedCache } from './presented-cache.ts';
import { BatchReader } from './read-batch.ts';
import { apiOfServed } from './served-views.ts';
import type { Serving } from './serving-context.ts';
import { sharedReads } from './shared-reads.ts';

export interface ServingOptions {
  readonly views: readonly View[];
  /** Views of the same names in other versions, which are served while the live release has them; none unless told. */
  readonly former?: readonly View[];
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
  /**
   * What operators may do, the token by which they are known, at least 16 characters, and where a correction gets its
   * key when none is given. Nothing, unless told.
   */
  readonly operating?: { readonly token: string; readonly operations: Operations; readonly ids: Ids } | null;
  /** Where changed answers are told; no subscription, unless told. */
  readonly restatements?: RestatementSource | null;
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
/** Of operators: applying a correction builds. */
const OPERATOR_TIMEOUT_MS = 10 * 60_000;
/** A subscription is ended after it, and taken up again by its client. */
const STREAM_TIMEOUT_MS = 24 * 3_600_000;

/** Serves GraphQL over HTTP until it is closed. Throws `ServingError`. */
export async function startServingApi(options: ServingOptions): Promise<ServingApi> {
  const { store, clock, logger, cursorSecret, requestTimeoutMs = TIMEOUT_MS } = options;
  if (cursorSecret.length < SECRET_LENGTH)
    throw new ServingError(
      'SECRET_TOO_SHORT',
      `the secret that signs cursors has ${cursorSecret.length} characters; give at least ${SECRET_LENGTH}`,
    );
  const { operating = null, restatements = null } = options;
  if (operating !== null && operating.token.length < SECRET_LENGTH)
    throw new ServingError(
      'SECRET_TOO_SHORT',
      `the operator's token has ${operating.token.length} characters; give at least ${SECRET_LENGTH}`,
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
    ...(operating === null
      ? {}
      : { operating: { operations: operating.operations, nextKey: () => operating.ids.next() } }),
    ...(restatements === null ? {} : { restatements }),
  };
  const nextId = idMaker(clock);
  const api = apiOfServed(
    { views: options.views, former: options.former ?? [] },
    () => serving.ports.store.control.read(),
    (views) => createApi({ ...serving, views }, logger, nextId),
  );
  const open = {
    answers: new OpenRequests(clock, requestTimeoutMs),
    operations: new OpenRequests(clock, Math.max(requestTimeoutMs, OPERATOR_TIMEOUT_MS)),
    streams: new OpenRequests(clock, STREAM_TIMEOUT_MS),
  };
  const handler = httpHandler({ api, serving, logger, open, isOperator: operatorCheck(operating?.token ?? null) });
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

function closeServer(server: Server, open: HttpPorts['open']): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const requests of Object.values(open)) requests.close();
    server.closeIdleConnections();
    // Connections whose request is being ended close with it, as the answer says `connection: close`.
  });
}
