import type { DeadLetter } from '@twofold/view-store';
import { GraphQLInt, GraphQLString, type GraphQLFieldConfigMap } from 'graphql';
import { required } from './answer-types.ts';
import { bigIntScalar, dateTimeScalar } from './scalars.ts';
import type { RequestContext } from './serving-context.ts';

/** What is said of a rejected record wherever one is shown: where it is, and what is wrong with it. */
export function deadLetterFields<Letter extends DeadLetter>(): GraphQLFieldConfigMap<Letter, RequestContext> {
  return {
    partition: { type: required(GraphQLInt) },
    offset: { type: required(bigIntScalar) },
    logTime: { type: required(dateTimeScalar) },
    code: { type: required(GraphQLString) },
    field: { type: GraphQLString },
    detail: { type: required(GraphQLString) },
  };
}
