import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '@twofold/service';
import type { ApiAnswer, ApiCall } from './create-api.ts';
import { graphiqlPage } from './graphiql-page.ts';
import type { OpenRequests } from './open-requests.ts';
import { MAX_BODY_BYTES, readBody } from './read-body.ts';
import type { Serving } from './serving-context.ts';

export interface HttpPorts {
  readonly api: (call: ApiCall) => Promise<ApiAnswer>;
  readonly serving: Serving;
  readonly logger: Logger;
  /** By how long they may take. */
  readonly open: Readonly<Record<'answers' | 'operations' | 'streams', OpenRequests>>;
  /** Is it the operator's token that is shown? */
  readonly isOperator: (authorization: string | undefined) => boolean;
}

/** Subscriptions at a time: each keeps a reader of the log. */
const MAX_STREAMS = 100;

const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
/** A POST of another type can come from any page in a browser without being asked first (CSRF). */
const JSON_BODY = /^application\/(json|graphql\+json|graphql-response\+json)\s*(;|$)/i;

/** Answers `/graphql`, `/health` and `/ready`; nothing else is there. */
export function httpHandler(ports: HttpPorts): (request: IncomingMessage, response: ServerResponse) => void {
  const { logger, open, isOperator } = ports;
  return (request, response) => {
    const operator = isOperator(request.headers.authorization);
    const streams = wantsStream(request);
    if (streams && open.streams.size >= MAX_STREAMS) {
      send(
        response,
        refusal(503, 'TOO_MANY_STREAMS', `There are ${MAX_STREAMS} subscriptions; try again later.`),
        true,
      );
      return;
    }
    const begun = open[streams ? 'streams' : operator ? 'operations' : 'answers'].begin((why) => {
      // The store may take its time to stop; the client is told now.
      if (why === 'CLIENT_GONE') return;
      if (response.headersSent) {
        response.end();
        return;
      }
      logger.warn('a request was not answered', { path: pathOf(request), why });
      send(
        response,
        refusal(503, why, why === 'TIMEOUT' ? 'The answer took too long.' : 'The server is closing.'),
        true,
      );
    });
    response.once('close', () => begun.end(response.writableFinished ? null : 'CLIENT_GONE'));
    route(request, { ...ports, operator }, begun.signal).then(
      (answer) => send(response, answer, false),
      (error: unknown) => {
        if (begun.signal.aborted) return;
        logger.error('a request failed', { path: pathOf(request), error });
        send(response, refusal(500, 'INTERNAL', 'The server could not answer.'), true);
      },
    );
  };
}

function wantsStream({ method, headers }: IncomingMessage): boolean {
  return method === 'POST' && (headers.accept ?? '').includes('text/event-stream');
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

type RequestPorts = HttpPorts & { readonly operator: boolean };

async function route(request: IncomingMessage, ports: RequestPorts, signal: AbortSignal): Promise<ApiAnswer> {
  const path = pathOf(request);
  if (path === '/graphql') return graphql(request, ports, signal);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'METHOD_NOT_ALLOWED', 'Use GET.');
  if (path === '/health') return json(200, { status: 'UP' });
  if (path === '/ready') return ready(ports);
  if (path === '/') return { status: 302, contentType: HTML, body: '<a href="/graphql">GraphiQL</a>' };
  return refusal(404, 'NOT_FOUND', 'There are /graphql, /health and /ready.');
}

async function graphql(request: IncomingMessage, ports: RequestPorts, signal: AbortSignal): Promise<ApiAnswer> {
  const accept = request.headers.accept ?? '*/*';
  if (request.method === 'GET' || request.method === 'HEAD') {
    const browser = accept.includes('text/html') && !(request.url ?? '').includes('query=');
    if (browser) return { status: 200, contentType: HTML, body: await graphiqlPage(ports.serving) };
    return refusal(
      403,
      'METHOD_NOT_ALLOWED',
      'Queries are sent by POST with content-type application/json. A browser gets GraphiQL here.',
    );
  }
  if (request.method !== 'POST') return refusal(405, 'METHOD_NOT_ALLOWED', 'Use POST.');
  if (!JSON_BODY.test(request.headers['content-type'] ?? ''))
    return refusal(
      403,
      'CONTENT_TYPE_REFUSED',
      'Send content-type application/json: other types are refused so that no foreign page can send queries.',
    );
  const body = await readBody(request);
  if (body === null) return refusal(413, 'BODY_TOO_LARGE', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  return ports.api({ body, accept, signal, operator: ports.operator });
}

/** Can answers be given? Says nothing of the inside. */
async function ready({ serving }: HttpPorts): Promise<ApiAnswer> {
  const row = await serving.store.control.read().catch(() => null);
  return row === null ? json(503, { status: 'NOT_READY' }) : json(200, { status: 'READY' });
}

/** Ends the stream where it is not read any more. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel();
  }
}

function json(status: number, value: object): ApiAnswer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(value) };
}

function refusal(status: number, code: string, message: string): ApiAnswer {
  return json(status, { errors: [{ message, extensions: { code } }] });
}

function send(response: ServerResponse, answer: ApiAnswer, last: boolean): void {
  const { status, contentType, body } = answer;
  if (response.headersSent || response.destroyed) return;
  if (typeof body !== 'string') {
    response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    // What goes wrong on the way ends the connection; its client takes the subscription up again.
    pipeline(Readable.from(chunksOf(body)), response).catch(() => response.destroy());
    return;
  }
  // The rest of a body that was refused is not read: the connection ends with the answer.
  const close = last || status === 413;
  const bytes = Buffer.byteLength(body);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': bytes,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(contentType === HTML ? { 'x-frame-options': 'DENY' } : {}),
    ...(status === 302 ? { location: '/graphql' } : {}),
    ...(close ? { connection: 'close' } : {}),
  });
  // Texts of ASCII alone are the same bytes in both encodings, and are copied in one of them.
  response.end(response.req.method === 'HEAD' ? undefined : body, bytes === body.length ? 'latin1' : 'utf8');
}
