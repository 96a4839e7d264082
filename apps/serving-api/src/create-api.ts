import type { Logger } from '@twofold/service';
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { DocumentNode, ExecutionResult } from 'graphql';
import { createSchema } from './create-schema.ts';
import { parseWithinLimits } from './document-limits.ts';
import { fetchObjects } from './fetch-objects.ts';
import { KnownQueries } from './known-queries.ts';
import { errorMasker } from './mask-error.ts';
import { isOperationOf, queryPlans, type QueryPlan } from './query-plan.ts';
import { resultText } from './result-text.ts';
import type { Serving } from './serving-context.ts';

/** What a request is answered with. */
export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string;
  /** A stream goes on until the client leaves, or what is told ends. */
  readonly body: string | ReadableStream<Uint8Array>;
}

export interface ApiCall {
  readonly body: string;
  readonly accept: string;
  readonly signal: AbortSignal;
  /** The client has shown the operator's token. */
  readonly operator: boolean;
}

/** Yoga looks at its path. */
const URL_OF_API = 'http://localhost/graphql';

/** What Yoga's plugins find in its context, beside what Yoga puts there. */
interface CallContext {
  /** The result, when the document was executed before it came to Yoga. */
  readonly executed?: ExecutionResult;
  readonly operator: boolean;
}

/** What Yoga asks to be executed. */
interface Executing {
  readonly document: DocumentNode;
  readonly contextValue: YogaInitialContext & CallContext;
  readonly operationName?: unknown;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Executes one GraphQL request that came as JSON. Queries are parsed, checked and answered by Yoga; of those that it
 * knows, only the answers that hold errors go through it again. Throws SCHEMA_CLASH when it is made.
 */
export function createApi(
  serving: Serving,
  logger: Logger,
  nextId: () => string,
): (call: ApiCall) => Promise<ApiAnswer> {
  const schema = createSchema(serving);
  const planOf = queryPlans({ schema, rowTexts: createSchema(serving, 'TEXT') });
  const known = new KnownQueries();
  const yoga = createYoga<CallContext>({
    schema,
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
    plugins: [
      limits(),
      planned(planOf, (query, plan) => {
        known.add(query, plan);
      }),
    ],
  });
  const { Request } = yoga.fetchAPI;
  const askYoga = async (call: ApiCall, executed?: ExecutionResult): Promise<ApiAnswer> => {
    const { body, accept, signal, operator } = call;
    const headers = { 'content-type': 'application/json', accept };
    const request = new Request(URL_OF_API, { method: 'POST', headers, body, signal });
    const response = await yoga.handleRequest(request, executed === undefined ? { operator } : { operator, executed });
    const contentType = response.headers.get('content-type') ?? 'application/json';
    if (response.status === 200) known.addType(accept, contentType);
    const { stream } = response as { stream?: ReadableStream<Uint8Array> | null };
    return { status: response.status, contentType, body: stream ?? (await response.text()) };
  };
  return async (call) => {
    const found = known.find(call.body, call.accept);
    if (found === null) return askYoga(call);
    const result = await found.plan.execute(
      { request: { signal: call.signal }, operator: call.operator },
      found.variables,
    );
    if (result.errors !== undefined) return askYoga(call, result);
    return { status: 200, contentType: found.contentType, body: resultText(result) };
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

/** Executes what Yoga has found valid by its plan, and tells of it. */
function planned(
  planOf: ReturnType<typeof queryPlans>,
  onKnown: (query: string, plan: QueryPlan) => void,
): Plugin<YogaInitialContext & CallContext> {
  return {
    onExecute({ args, setExecuteFn }) {
      const executing: Executing = args;
      const { document, contextValue, operationName, variableValues = null } = executing;
      const { params, executed } = contextValue;
      if (executed !== undefined) {
        setExecuteFn(() => executed);
        return;
      }
      const plan = planOf(document);
      if (plan === null || !isOperationOf(plan, operationName)) return;
      if (params.query !== undefined) onKnown(params.query, plan);
      setExecuteFn(() => plan.execute(contextValue, variableValues ?? {}));
    },
  };
}
