import { BoundedCache } from './bounded-cache.ts';
import { isOperationOf, type QueryPlan } from './query-plan.ts';

export interface KnownQuery {
  readonly plan: QueryPlan;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly contentType: string;
}

const LIMIT_BYTES = 16 * 2 ** 20;
/** A compiled plan is so many times as large as its text, about. */
const PLAN_FACTOR = 50;
const MAX_TYPES = 100;

/** Queries that were found valid before, by their text, and how answers are called for what clients accept. */
export class KnownQueries {
  readonly #plans = new BoundedCache<{ readonly plan: QueryPlan; readonly bytes: number }>(
    LIMIT_BYTES,
    ({ bytes }) => bytes,
  );
  readonly #types = new Map<string, string>();

  add(query: string, plan: QueryPlan): void {
    this.#plans.set(query, { plan, bytes: query.length * PLAN_FACTOR });
  }

  /** @param contentType of an answer to what accepts `accept` */
  addType(accept: string, contentType: string): void {
    if (JSON_TYPE.test(contentType) && this.#types.size < MAX_TYPES) this.#types.set(accept, contentType);
  }

  /** Null: the request is not known to be plain and right. */
  find(body: string, accept: string): KnownQuery | null {
    const contentType = this.#types.get(accept);
    const asked = contentType === undefined ? null : parse(body);
    if (contentType === undefined || asked === null) return null;
    const { query, variables = null, operationName, ...others } = asked;
    if (typeof query !== 'string' || Object.keys(others).length > 0 || !isVariables(variables)) return null;
    const plan = this.#plans.get(query)?.plan;
    if (plan === undefined || !isOperationOf(plan, operationName)) return null;
    return { plan, variables: variables ?? {}, contentType };
  }
}

const JSON_TYPE = /^application\/(graphql-response\+)?json(;|$)/;

function parse(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isVariables(value: unknown): value is Readonly<Record<string, unknown>> | null {
  return value === null || isObject(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
