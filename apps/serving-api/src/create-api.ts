import { useGraphQlJit } from '@envelop/graphql-jit';
import type { Logger } from '@twofold/service';
import { Kind, type DocumentNode } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { createSchema } from './create-schema.ts';
import { parseWithinLimits } from './document-limits.ts';
import { fetchObjects } from './fetch-objects.ts';
import { errorMasker } from './mask-error.ts';
import type { Serving } from './serving-context.ts';

/** What a request is answered with. */
export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface ApiCall {
  readonly body: string;
  readonly accept: string;
  readonly signal: AbortSignal;
}

/** Yoga looks at its path. */
const URL_OF_API = 'http://localhost/graphql';

/** Executes one GraphQL request that came as JSON. Throws SCHEMA_CLASH when it is made. */
export function createApi(
  serving: Serving,
  logger: Logger,
  nextId: () => string,
): (call: ApiCall) => Promise<ApiAnswer> {
  const yoga = createYoga({
    schema: createSchema(serving),
    graphqlEndpoint: '/graphql',
    // Bodies are read, and bounded, before they come here: Yoga's own bound costs half of the throughput.
    maxRequestBodySize: false,
    multipart: false,
    batching: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    maskedErrors: { maskError: errorMasker(logger, nextId) },
    fetchAPI: fetchObjects,
    plugins: [limits(), useGraphQlJit({}, { enableIf: ({ document }) => hasOneOperation(document) })],
  });
  const { Request } = yoga.fetchAPI;
  return async ({ body, accept, signal }) => {
    const headers = { 'content-type': 'application/json', accept };
    const request = new Request(URL_OF_API, { method: 'POST', headers, body, signal });
    const response = await yoga.handleRequest(request, {});
    const contentType = response.headers.get('content-type') ?? 'application/json';
    return { status: response.status, contentType, body: await response.text() };
  };
}

/** Parses within limits; what was parsed before comes from Yoga's cache. */
function limits(): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn(parseWithinLimits);
    },
  };
}

/** Compiled plans are kept by document, whatever operation of it is asked for. */
function hasOneOperation(document: DocumentNode): boolean {
  return document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length === 1;
}
