import { isTwofoldError } from '@twofold/schemas';
import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import { required } from '../answer-types.ts';
import type { RequestContext } from '../serving-context.ts';

/** A refusal that was to be expected, as data. */
interface Refused {
  readonly __typename: 'Refused' | 'PlanChanged' | 'GateBlocked';
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly gate?: unknown;
  readonly diff?: unknown;
}

/** The types of refusals, made anew for each schema, and unions with them. */
export class RefusalTypes {
  readonly #refusal = new GraphQLInterfaceType({
    name: 'Refusal',
    description: 'Why something was not done. Nothing was changed.',
    fields: refusalFields,
  });
  readonly #refused = new GraphQLObjectType({
    name: 'Refused',
    interfaces: [this.#refusal],
    fields: refusalFields,
  });
  readonly #planChanged = new GraphQLObjectType({
    name: 'PlanChanged',
    description:
      'What would be applied is not what was shown: look at the difference, or plan again where there is none.',
    interfaces: [this.#refusal],
    fields: {
      ...refusalFields,
      diff: {
        type: GraphQLString,
        description: 'Give it to releaseDiff, and to applyPlan once you have looked at it.',
      },
    },
  });
  readonly #gateBlocked = new GraphQLObjectType({
    name: 'GateBlocked',
    description: 'A gate that blocks found a change beyond its limit, or rows that do not meet it.',
    interfaces: [this.#refusal],
    fields: {
      ...refusalFields,
      gate: { type: GraphQLString },
      diff: { type: GraphQLString, description: 'Give it to releaseDiff: what it would have changed.' },
    },
  });

  /** What it gives, or why it was refused. @param applies it can also be told that the plan changed, or of a gate */
  result(name: string, done: GraphQLObjectType, applies = false): GraphQLNonNull<GraphQLUnionType> {
    const types = [done, this.#refused, ...(applies ? [this.#planChanged, this.#gateBlocked] : [])];
    const names = new Set(types.map((type) => type.name));
    return new GraphQLNonNull(
      new GraphQLUnionType({
        name,
        types,
        resolveType: (value: { readonly __typename?: string }) =>
          value.__typename !== undefined && names.has(value.__typename) ? value.__typename : done.name,
      }),
    );
  }
}

const refusalFields = {
  code: { type: required(GraphQLString) },
  message: { type: required(GraphQLString) },
  retryable: { type: required(GraphQLBoolean), description: 'The same may succeed later.' },
};

/** Only who has the operator’s token goes on; then what is refused becomes data, and what nobody expected stays an error. */
export async function guarded<T extends object>(context: RequestContext, work: () => Promise<T>): Promise<T | Refused> {
  requireOperator(context);
  try {
    return await work();
  } catch (error) {
    if (!isTwofoldError(error)) throw error;
    const { code, message, retryable, facts } = error;
    const kind = code === 'PLAN_CHANGED' ? 'PlanChanged' : code === 'GATE_BLOCKED' ? 'GateBlocked' : 'Refused';
    return { __typename: kind, code, message, retryable, gate: facts?.['gate'] ?? null, diff: facts?.['diff'] ?? null };
  }
}

/** @throws NOT_ALLOWED as an error of GraphQL */
export function requireOperator({ operator }: RequestContext): void {
  if (operator === true) return;
  throw new GraphQLError('This is for operators: send the operator’s token as "authorization: Bearer …".', {
    extensions: { code: 'NOT_ALLOWED' },
  });
}

export const listOfTexts = new GraphQLList(new GraphQLNonNull(GraphQLString));
