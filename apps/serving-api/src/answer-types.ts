import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLOutputType,
  type GraphQLScalarType,
} from 'graphql';
import { bigIntScalar, dateTimeScalar, durationScalar } from './scalars.ts';

/** Types that the fields of all views share. */

export const required = <T extends GraphQLOutputType>(type: T): GraphQLNonNull<T> => new GraphQLNonNull(type);
export const listOf = <T extends GraphQLOutputType>(type: T): GraphQLNonNull<GraphQLList<GraphQLNonNull<T>>> =>
  new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));

function enumeration(name: string, description: string, values: Readonly<Record<string, string>>): GraphQLEnumType {
  const list = Object.entries(values).map(([value, about]) => [value, { value, description: about }] as const);
  return new GraphQLEnumType({ name, description, values: Object.fromEntries(list) });
}

export const layerSelection = enumeration('LayerSelection', 'Which side of the cut is read.', {
  MERGED: 'Batch view plus speed view: every event read so far, once.',
  BATCH: 'The batch view alone: events below the cut.',
  SPEED: 'The speed view alone: events at or above the cut.',
});

export const layer = enumeration('Layer', 'A side of the cut.', {
  BATCH: 'Below the cut.',
  SPEED: 'At or above the cut.',
});

export const consistency = enumeration('Consistency', 'What pages of one answer have in common.', {
  LATEST: 'Each page is the latest of one release: later pages may hold newer events.',
  SNAPSHOT: 'All pages are of one moment. Small answers are kept for five minutes, larger ones end at slice edges.',
});

export const orderDirection = enumeration('OrderDirection', 'Rows without a value come last either way.', {
  ASC: 'From small to large.',
  DESC: 'From large to small.',
});

export const health = enumeration('Health', 'How an age compares with what the view declares.', {
  FRESH: 'Younger than warnAfter.',
  WARN: 'Older than warnAfter.',
  STALE: 'Older than errorAfter.',
  UNKNOWN: 'The age is not known; see because.',
});

/** Values are milliseconds, or grains of a calendar. */
export const grain = new GraphQLEnumType({
  name: 'Grain',
  description: 'Windows side by side, instead of the view’s own. They begin as clocks and calendars have them.',
  values: {
    SECOND: { value: 1_000 },
    MINUTE: { value: 60_000 },
    HOUR: { value: 'hour' },
    DAY: { value: 'day', description: 'From midnight to midnight: 23 or 25 hours where clocks are moved.' },
    WEEK: { value: 'week', description: 'From Monday.' },
    MONTH: { value: 'month' },
    QUARTER: { value: 'quarter' },
    YEAR: { value: 'year' },
  },
});

export const timeRange = new GraphQLInputObjectType({
  name: 'TimeRange',
  description: 'Chooses the windows whose end is after from and not after to.',
  fields: {
    from: { type: new GraphQLNonNull(dateTimeScalar), description: 'Windows that end after it.' },
    to: { type: new GraphQLNonNull(dateTimeScalar), description: 'Windows that end at it or before.' },
  },
});

/** `{ eq: … }`, `{ in: […] }` or `{ isNull: true }`. */
export function keyFilter(of: GraphQLScalarType): GraphQLInputObjectType {
  return new GraphQLInputObjectType({
    name: `${of.name}KeyFilter`,
    description: 'Exactly one of these.',
    isOneOf: true,
    fields: {
      eq: { type: of, description: 'This value.' },
      in: { type: new GraphQLList(new GraphQLNonNull(of)), description: 'Any of these values.' },
      isNull: { type: GraphQLBoolean, description: 'true: where the value is missing.' },
    },
  });
}

export const pageInfo = new GraphQLObjectType({
  name: 'PageInfo',
  fields: {
    hasNextPage: { type: required(GraphQLBoolean) },
    hasPreviousPage: { type: required(GraphQLBoolean) },
    startCursor: { type: GraphQLString },
    endCursor: { type: GraphQLString, description: 'Give it as after to read the next page.' },
  },
});

const partitionPosition = new GraphQLObjectType({
  name: 'PartitionPosition',
  description: 'Positions of one partition of the stream’s log.',
  fields: {
    partition: { type: required(GraphQLInt) },
    cut: {
      type: required(bigIntScalar),
      description: 'Everything below it is the batch side, the rest the speed side.',
    },
    position: { type: required(bigIntScalar), description: 'Everything below it is proved to be in the answer.' },
  },
});

export const provenance = new GraphQLObjectType({
  name: 'Provenance',
  description: 'What an answer was made from.',
  fields: {
    release: { type: required(GraphQLString) },
    releaseNumber: { type: required(GraphQLInt) },
    view: { type: required(GraphQLString) },
    version: { type: required(GraphQLInt), description: 'Version of the view.' },
    build: { type: GraphQLString, description: 'The build that the batch rows are of; null before the first.' },
    layers: { type: listOf(layer) },
    partitions: { type: listOf(partitionPosition) },
    watermark: { type: dateTimeScalar, description: 'Event time that retention is counted from.' },
    corrections: { type: listOf(GraphQLString), description: 'Corrections in force, in order.' },
    controlSequence: { type: required(bigIntScalar), description: 'Sequence of the control row that was read.' },
  },
});

export const freshness = new GraphQLObjectType({
  name: 'Freshness',
  description: 'How old an answer is, in data time, and why.',
  fields: {
    health: { type: required(health) },
    asOf: {
      type: dateTimeScalar,
      description: 'All that the log held at this time is in the answer. Null: not known.',
    },
    lag: { type: durationScalar, description: 'Age now.' },
    lagMs: { type: GraphQLFloat, description: 'Age now, in milliseconds.' },
    because: { type: required(GraphQLString) },
  },
});
