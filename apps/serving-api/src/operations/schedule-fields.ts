import { GraphQLNonNull, GraphQLObjectType, GraphQLString, type GraphQLFieldConfigMap } from 'graphql';
import { listOf, required } from '../answer-types.ts';
import { dateTimeScalar, durationMs, durationScalar, instantMs } from '../scalars.ts';
import type { RequestContext } from '../serving-context.ts';
import type { Operations } from './operations.ts';
import { guarded, listOfTexts, type RefusalTypes } from './refusal-types.ts';

type Fields = GraphQLFieldConfigMap<unknown, RequestContext>;

const text = { type: new GraphQLNonNull(GraphQLString) };

/** What operators ask of schedules. */
export function scheduleMutations(operations: Operations, refusals: RefusalTypes): Fields {
  const accepted = refusals.result(
    'ScheduleResult',
    new GraphQLObjectType({
      name: 'RequestAccepted',
      fields: {
        schedule: { type: required(GraphQLString) },
        asked: { type: GraphQLString, description: 'Id of the old work that is to be done.' },
      },
    }),
  );
  const by = { by: { ...text, description: 'Who asks for it.' } };
  const schedule = { schedule: { ...text, description: 'Its name, or a view of it.' } };
  return {
    pauseSchedule: {
      type: accepted,
      args: { ...schedule, ...by, reason: { type: GraphQLString, defaultValue: '' } },
      resolve: (_, args: { schedule: string; by: string; reason: string }, context) =>
        guarded(context, () => operations.pauseSchedule(args.schedule, args.by, args.reason)),
    },
    resumeSchedule: {
      type: accepted,
      args: schedule,
      resolve: (_, args: { schedule: string }, context) =>
        guarded(context, () => operations.resumeSchedule(args.schedule)),
    },
    retryRun: {
      type: accepted,
      description: 'Does again what failed of a run, at the cut that it had.',
      args: {
        run: text,
        ...by,
        passing: {
          type: listOfTexts,
          description:
            "Gates that are only told this time; 'rejected' begins a run although too many events are rejected.",
        },
      },
      resolve: (_, args: { run: string; by: string; passing?: string[] | null }, context) =>
        guarded(context, () => operations.retryRun(args.run, args.by, args.passing ?? [])),
    },
    backfill: {
      type: accepted,
      description: 'Builds a range of event time again, newest first, after what is due.',
      args: {
        ...{ view: text, ...by, from: { type: new GraphQLNonNull(dateTimeScalar) } },
        to: { type: new GraphQLNonNull(dateTimeScalar) },
        piece: { type: durationScalar, description: 'Event time of one run.' },
        rest: { type: durationScalar, defaultValue: '10s', description: 'Rest between pieces.' },
      },
      resolve: (_, args: BackfillArguments, context) =>
        guarded(context, () =>
          operations.backfill(args.view, {
            by: args.by,
            from: instantMs(args.from) ?? NaN,
            to: instantMs(args.to) ?? NaN,
            pieceMs: args.piece == null ? null : durationMs(args.piece),
            restMs: durationMs(args.rest) ?? 0,
          }),
        ),
    },
  };
}

interface BackfillArguments {
  readonly view: string;
  readonly by: string;
  readonly from: string;
  readonly to: string;
  readonly piece?: string | null;
  readonly rest: string;
}

/** A schedule as it stands. */
export function scheduleType(): GraphQLObjectType {
  const pause = new GraphQLObjectType({
    name: 'SchedulePause',
    fields: {
      at: { type: required(dateTimeScalar) },
      by: { type: required(GraphQLString) },
      reason: { type: required(GraphQLString) },
    },
  });
  return new GraphQLObjectType({
    name: 'Schedule',
    fields: {
      name: { type: required(GraphQLString) },
      cron: { type: required(GraphQLString), description: 'UTC.' },
      views: { type: listOf(GraphQLString) },
      overlap: { type: required(GraphQLString) },
      missed: { type: required(GraphQLString) },
      next: { type: dateTimeScalar },
      paused: { type: pause },
      run: { type: GraphQLString, description: 'The run that is going.' },
      waitingFor: { type: listOf(GraphQLString) },
      asked: { type: listOf(GraphQLString), description: 'Old work that is to be done, by id.' },
    },
  });
}
