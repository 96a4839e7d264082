import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceError } from './errors.ts';

/** What a process says of itself. `reasons` names what is missing, for operators; it holds no secret and no data. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export interface HealthServer {
  /** `http://host:port`, without a path. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `/health` says that the process lives, `/ready` whether it does its work; the same paths as the serving API's.
 * @param of.port 0 takes a free one.
 * @param of.flag what the port is set by; `--health-port` unless told
 * @throws ADDRESS_NOT_USABLE
 */
export async function startHealthServer(of: {
  readonly host: string;
  readonly port: number;
  readonly flag?: string;
  readonly readiness: () => Promise<Readiness>;
}): Promise<HealthServer> {
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      request.resume();
      const path = (request.url ?? '/').split('?')[0];
      if (request.method !== 'GET' && request.method !== 'HEAD')
        answer(response, 405, { status: 'METHOD_NOT_ALLOWED' });
      else if (path === '/health') answer(response, 200, { status: 'UP' });
      else if (path === '/ready')
        void of.readiness().then(
          ({ ready, reasons }) =>
            answer(response, ready ? 200 : 503, { status: ready ? 'READY' : 'NOT_READY', reasons }),
          () => answer(response, 503, { status: 'NOT_READY', reasons: ['readiness could not be found out'] }),
        );
      else answer(response, 404, { status: 'NOT_FOUND' });
    },
  );
  const { address, family, port } = await listen(server, of.host, of.port, of.flag ?? '--health-port');
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function listen(server: Server, host: string, port: number, flag: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(notUsable({ host, port, flag }, error)));
    server.listen(port, host, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address);
      else reject(notUsable({ host, port, flag }, undefined));
    });
  });
}

function notUsable(
  { host, port, flag }: { host: string; port: number; flag: string },
  cause: Error | undefined,
): ServiceError {
  const detail = cause === undefined ? '' : ` (${cause.message})`;
  return new ServiceError(
    'ADDRESS_NOT_USABLE',
    `health can not be told on ${host}:${port}${detail}. Choose another port with ${flag}; 0 takes any that is free.`,
    { facts: { host, port }, ...(cause === undefined ? {} : { cause }) },
  );
}
