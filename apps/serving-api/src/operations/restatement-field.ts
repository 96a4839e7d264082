import type { ToldRestatement } from '@twofold/corrections';
import { GraphQLInt, GraphQLObjectType, GraphQLString, type GraphQLFieldConfig } from 'graphql';
import { listOf, required } from '../answer-types.ts';
import { ReadError } from '../errors.ts';
import { bigIntScalar, dateTimeScalar } from '../scalars.ts';
import type { RequestContext } from '../serving-context.ts';
import { namedValues } from './correction-types.ts';

/** A change that was told, and where in the feed it stands. */
export interface PlacedChange {
  readonly position: number;
  readonly told: ToldRestatement;
}

/** Where changes are told. */
export interface RestatementSource {
  /** Changes after a position, as they come; null: those that are told from now on. Ends with the signal. */
  follow(after: number | null, signal: AbortSignal): AsyncIterable<PlacedChange>;
}

/** Subscription: what live releases answer otherwise than those before. */
export function restatementField(source: RestatementSource): GraphQLFieldConfig<unknown, RequestContext> {
  return {
    type: required(restatementType()),
    description: 'What new releases answer otherwise than those before, and why. The same change has the same id.',
    args: {
      view: { type: GraphQLString, description: 'Only of this view.' },
      after: { type: bigIntScalar, description: 'Position of the last that was seen; not given: those from now on.' },
    },
    subscribe: (_, args: { view?: string | null; after?: string | null }, { request }) =>
      changes(source, args, request.signal),
    resolve: (change: unknown) => change,
  };
}

async function* changes(
  source: RestatementSource,
  { view, after }: { readonly view?: string | null; readonly after?: string | null },
  signal: AbortSignal,
): AsyncGenerator<PlacedChange> {
  const from = after == null ? null : Number(after);
  if (from !== null && !(Number.isSafeInteger(from) && from >= -1))
    throw new ReadError('RANGE_INVALID', `after: ${String(after)} is no position of the feed`);
  for await (const change of source.follow(from, signal)) if (view == null || change.told.view === view) yield change;
}

function restatementType(): GraphQLObjectType<PlacedChange, RequestContext> {
  const value = new GraphQLObjectType({
    name: 'RestatedValue',
    fields: { name: { type: required(GraphQLString) }, value: { type: GraphQLString, description: 'As text.' } },
  });
  const values = listOf(value).ofType;
  const of = (type: GraphQLFieldConfig<PlacedChange, RequestContext>['type'], name: keyof ToldRestatement) => ({
    type,
    resolve: ({ told }: PlacedChange): unknown => told[name],
  });
  return new GraphQLObjectType<PlacedChange, RequestContext>({
    name: 'Restatement',
    description: 'One answer that is another one, in a pane of the view’s finest level.',
    fields: {
      id: of(required(GraphQLString), 'id'),
      position: { type: required(bigIntScalar), description: 'Give it as after to go on from here.' },
      view: of(required(GraphQLString), 'view'),
      version: of(required(GraphQLInt), 'version'),
      key: {
        type: values,
        description: 'Null: a whole stretch of time.',
        resolve: ({ told }) => namedValues(told.key),
      },
      windowStart: { type: required(dateTimeScalar), resolve: ({ told }) => told.window.start },
      windowEnd: { type: required(dateTimeScalar), resolve: ({ told }) => told.window.end },
      old: { type: values, description: 'Null: there was no such row.', resolve: ({ told }) => namedValues(told.old) },
      new: {
        type: values,
        description: 'Null: there is no such row any more.',
        resolve: ({ told }) => namedValues(told.new),
      },
      rows: of(required(GraphQLInt), 'rows'),
      cause: of(required(GraphQLString), 'cause'),
      correction: of(GraphQLString, 'correction'),
      reason: of(GraphQLString, 'reason'),
      release: of(required(GraphQLString), 'release'),
      releaseNumber: of(required(GraphQLInt), 'releaseNumber'),
    },
  });
}
