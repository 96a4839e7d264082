import type { CountedValues, ExprType } from '@twofold/views';
import { GraphQLBoolean, GraphQLInt, GraphQLList, GraphQLObjectType } from 'graphql';
import { required } from './answer-types.ts';
import { bigIntScalar } from './scalars.ts';
import { scalarOf } from './value-forms.ts';

const TOP_DEFAULT = 10;

/** How a `countBy` is answered; `name` begins the names of its types. */
export function countsType(name: string, of: ExprType): GraphQLObjectType<CountedValues> {
  const one = new GraphQLObjectType({
    name: `${name}Count`,
    fields: { value: { type: required(scalarOf(of)) }, count: { type: required(bigIntScalar) } },
  });
  return new GraphQLObjectType<CountedValues>({
    name: `${name}Counts`,
    description: 'How many events have each value.',
    fields: {
      total: { type: required(bigIntScalar), description: 'Events that have a value.' },
      overflowed: {
        type: required(GraphQLBoolean),
        description: 'There were more different values than are kept; then only the total is known.',
        resolve: ({ values }) => values === null,
      },
      values: {
        type: required(GraphQLInt),
        description: 'Different values; 0 where there were too many.',
        resolve: ({ values }) => values?.length ?? 0,
      },
      top: {
        type: new GraphQLList(required(one)),
        description: 'Values with the most events first, ties by value. Null where there were too many.',
        args: { first: { type: GraphQLInt, defaultValue: TOP_DEFAULT, description: 'At most so many.' } },
        resolve: ({ values }, { first }: { readonly first?: number | null }) =>
          values?.slice(0, Math.max(0, first ?? TOP_DEFAULT)) ?? null,
      },
    },
  });
}
