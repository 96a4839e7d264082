import {
  GraphQLObjectType,
  GraphQLSchema,
  type GraphQLFieldConfigMap,
  type GraphQLInputObjectType,
  type GraphQLScalarType,
} from 'graphql';
import { keyFilter } from './answer-types.ts';
import { catalogueFields } from './catalogue-fields.ts';
import { ServingError } from './errors.ts';
import { operationFields } from './operations/operation-fields.ts';
import { restatementField, type RestatementSource } from './operations/restatement-field.ts';
import type { RequestContext, Serving } from './serving-context.ts';
import { enumNameOf, viewField, type RowsAs } from './view-field.ts';

/** The schema: one root field a view, and the catalogue. Throws SCHEMA_CLASH. */
export function createSchema(serving: Serving, rowsAs: RowsAs = 'OBJECTS'): GraphQLSchema {
  const filters = new Map<string, GraphQLInputObjectType>();
  const filterOf = (of: GraphQLScalarType): GraphQLInputObjectType => {
    const filter = filters.get(of.name) ?? keyFilter(of);
    filters.set(of.name, filter);
    return filter;
  };
  const fields: GraphQLFieldConfigMap<unknown, RequestContext> = catalogueFields(serving);
  for (const view of serving.views) {
    if (fields[view.name] !== undefined) throw clash(`a field ${view.name}`);
    const members = [...view.dimensions, ...view.measures, ...view.derived].map(({ name }) => enumNameOf(name));
    const twice = members.find((name, i) => name === 'WINDOW' || members.indexOf(name) < i);
    if (twice !== undefined) throw clash(`a value ${twice} of orderBy in view ${view.name}`);
    fields[view.name] = viewField(view, serving, filterOf, rowsAs);
  }
  const { restatements } = serving;
  const operating = serving.operating === undefined ? null : operationFields(serving.operating);
  for (const [name, field] of Object.entries(operating?.query ?? {})) {
    if (fields[name] !== undefined) throw clash(`a field ${name}`);
    fields[name] = field;
  }
  try {
    return new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields }),
      mutation: operating === null ? null : new GraphQLObjectType({ name: 'Mutation', fields: operating.mutation }),
      subscription: restatements === undefined ? null : subscriptionType(restatements),
    });
  } catch (error) {
    throw clash(error instanceof Error ? error.message : String(error));
  }
}

function subscriptionType(source: RestatementSource): GraphQLObjectType {
  return new GraphQLObjectType({ name: 'Subscription', fields: { restatements: restatementField(source) } });
}

function clash(what: string): ServingError {
  return new ServingError(
    'SCHEMA_CLASH',
    `the views can not be served under one GraphQL schema: there would be two of ${what}. Rename a view or a member of one.`,
  );
}
