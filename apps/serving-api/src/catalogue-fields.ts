import { liveRelease } from '@twofold/releases';
import type { Stream } from '@twofold/schemas';
import type { DeadLetter } from '@twofold/view-store';
import { windowText, type View } from '@twofold/views';
import {
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigMap,
} from 'graphql';
import { freshness, listOf, required } from './answer-types.ts';
import { deadLetterFields } from './dead-letter-fields.ts';
import { ReadError } from './errors.ts';
import { freshnessOf } from './freshness.ts';
import { pinRelease } from './pin-release.ts';
import { readPositions } from './read-positions.ts';
import { freshnessValue } from './resolve-view.ts';
import { enumOf, runType } from './run-type.ts';
import { bigIntScalar, durationScalar } from './scalars.ts';
import type { RequestContext, Serving } from './serving-context.ts';

type Fields<Source> = GraphQLFieldConfigMap<Source, RequestContext>;
const LIST_MAX = 1_000;

const first = (count: number) => ({
  first: { type: GraphQLInt, defaultValue: count, description: `At most ${LIST_MAX}.` },
});

function limitOf({ first: asked }: { readonly first?: number | null }, fallback: number): number {
  const limit = asked ?? fallback;
  if (limit >= 0 && limit <= LIST_MAX) return limit;
  throw new ReadError('RANGE_INVALID', `first: ${limit} is not between 0 and ${LIST_MAX}`);
}

/** What there is beside the views' answers: views, streams, runs, the live release. */
export function catalogueFields(serving: Serving): Fields<unknown> {
  const view = viewType(serving);
  return {
    views: { type: listOf(view), description: 'Every view that is served.', resolve: () => serving.views },
    view: {
      type: view,
      args: { name: { type: new GraphQLNonNull(GraphQLString) } },
      resolve: (_, { name }: { name: string }) => serving.views.find((one) => one.name === name) ?? null,
    },
    streams: { type: listOf(streamType(serving)), resolve: () => serving.streams },
    runs: {
      type: listOf(runType()),
      description: 'Runs of jobs, newest first.',
      args: {
        ...first(20),
        job: { type: GraphQLString },
        after: {
          type: GraphQLString,
          description: 'Those that follow this one: the cursor of the last of the page before.',
        },
      },
      resolve: (_, args: { first?: number | null; job?: string | null; after?: string | null }) =>
        serving.store.runs.list({
          limit: limitOf(args, 20),
          ...(args.job == null ? {} : { job: args.job }),
          ...(args.after == null ? {} : { before: placeOf(args.after) }),
        }),
    },
    release: {
      type: releaseType(),
      description: 'The live release: what answers are made from now. Null before the project is registered.',
      resolve: async () => {
        const row = await serving.ports.store.control.read();
        if (row === null) return null;
        const live = liveRelease(row);
        return { ...live, sequence: row.sequence, releases: row.releases.map(({ id }) => id), heldViews: row.holds };
      },
    },
  };
}

function viewType(serving: Serving): GraphQLObjectType<View, RequestContext> {
  return new GraphQLObjectType<View, RequestContext>({
    name: 'View',
    description: 'A declared view.',
    fields: {
      name: { type: required(GraphQLString) },
      version: { type: required(GraphQLInt) },
      description: { type: GraphQLString },
      owner: { type: GraphQLString },
      stream: { type: required(GraphQLString), resolve: ({ stream }) => stream.name },
      dimensions: { type: listOf(GraphQLString), resolve: ({ dimensions }) => dimensions.map(({ name }) => name) },
      measures: {
        type: listOf(GraphQLString),
        resolve: ({ measures, derived }) => [...measures, ...derived].map(({ name }) => name),
      },
      windows: { type: required(GraphQLString), resolve: ({ window }) => windowText(window) },
      window: {
        type: durationScalar,
        description: 'Width of windows that all have one.',
        resolve: ({ window }) => ('sizeMs' in window ? window.sizeMs : null),
      },
      every: {
        type: durationScalar,
        description: 'Step of windows that have one.',
        resolve: ({ window }) => ('everyMs' in window ? window.everyMs : null),
      },
      schedule: {
        type: GraphQLString,
        description: 'When it is recomputed: a cron expression, UTC.',
        resolve: ({ schedule }) => schedule?.cron ?? null,
      },
      fingerprint: { type: required(GraphQLString) },
      freshness: {
        type: freshness,
        description: 'Of the latest answer. Null while the view is not ready.',
        resolve: async (view) => freshnessValue(await latestFreshness(view, serving)),
      },
    },
  });
}

async function latestFreshness(view: View, serving: Serving) {
  const { control, progress } = serving.ports.store;
  const pin = pinRelease(await control.read(), view, null);
  const records = await progress.read({ view: view.name, version: view.version });
  const positions = readPositions(pin, records, { layer: 'MERGED', positions: null });
  return freshnessOf(view, positions, serving.clock.now());
}

function streamType(serving: Serving): GraphQLObjectType<Stream, RequestContext> {
  const totals = new GraphQLObjectType({
    name: 'LedgerTotals',
    description: 'What was read of one partition: read = applied + duplicate + rejected + control.',
    fields: {
      partition: { type: required(GraphQLInt) },
      position: { type: required(bigIntScalar), resolve: ({ next }: { next: number }) => next },
      applied: { type: required(bigIntScalar) },
      duplicate: { type: required(bigIntScalar) },
      rejected: { type: required(bigIntScalar) },
      control: { type: required(bigIntScalar) },
    },
  });
  return new GraphQLObjectType<Stream, RequestContext>({
    name: 'Stream',
    description: 'A declared kind of event.',
    fields: {
      name: { type: required(GraphQLString) },
      version: { type: required(GraphQLInt) },
      description: { type: GraphQLString },
      fingerprint: { type: required(GraphQLString) },
      ledger: { type: listOf(totals), resolve: ({ name }) => serving.store.ledger.totals(name) },
      deadLetters: {
        type: listOf(deadLetterType()),
        description: 'Rejected records, newest first.',
        args: {
          ...first(20),
          before: { type: letterInput, description: 'Those that follow this one: the last of the list before.' },
        },
        resolve: ({ name }, args: LetterArguments) =>
          serving.store.ledger.deadLetters(name, { limit: limitOf(args, 20), ...beforeOf(args) }),
      },
    },
  });
}

interface LetterArguments {
  readonly first?: number | null;
  readonly before?: { readonly partition: number; readonly offset: string } | null;
}

const letterInput = new GraphQLInputObjectType({
  name: 'DeadLetterPlace',
  fields: {
    partition: { type: new GraphQLNonNull(GraphQLInt) },
    offset: { type: new GraphQLNonNull(bigIntScalar) },
  },
});

function beforeOf({ before }: LetterArguments): { before?: { partition: number; offset: number } } {
  return before == null ? {} : { before: { partition: before.partition, offset: Number(before.offset) } };
}

function deadLetterType(): GraphQLObjectType<DeadLetter, RequestContext> {
  return new GraphQLObjectType<DeadLetter, RequestContext>({
    name: 'DeadLetter',
    description: 'A record that was rejected; its bytes are in the log and then in the archive.',
    fields: deadLetterFields(),
  });
}

function placeOf(cursor: string): { startedAt: number; id: string } {
  const [, startedAt = '', id = ''] = /^(\d{1,15})\.(.{1,200})$/.exec(cursor) ?? [];
  if (id === '')
    throw new ReadError('CURSOR_INVALID', `after: ${JSON.stringify(cursor.slice(0, 100))} is no run's cursor`);
  return { startedAt: Number(startedAt), id };
}

function releaseType(): GraphQLObjectType<unknown, RequestContext> {
  return new GraphQLObjectType<unknown, RequestContext>({
    name: 'Release',
    description: 'What a query reads: for every view one entry.',
    fields: {
      id: { type: required(GraphQLString) },
      number: { type: required(GraphQLInt) },
      reason: { type: required(enumOf('ReleaseReason', ['REGISTERED', 'PROMOTED', 'ROLLED_BACK', 'RETIRED'])) },
      sequence: { type: required(bigIntScalar), description: 'Of the control row.' },
      releases: { type: listOf(GraphQLString), description: 'Those that are kept, oldest first.' },
      heldViews: { type: listOf(GraphQLString), description: 'Views that a rollback holds.' },
    },
  });
}
