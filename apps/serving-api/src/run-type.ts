import type { RunRecord } from '@twofold/view-store';
import { GraphQLBoolean, GraphQLEnumType, GraphQLInt, GraphQLObjectType, GraphQLString } from 'graphql';
import { listOf, required } from './answer-types.ts';
import { bigIntScalar, dateTimeScalar, durationScalar } from './scalars.ts';
import type { RequestContext } from './serving-context.ts';

export const enumOf = (name: string, values: readonly string[]): GraphQLEnumType =>
  new GraphQLEnumType({ name, values: Object.fromEntries(values.map((value) => [value, {}])) });

/** The place of a run in the history: its start and its id. */
function runCursor({ startedAt, id }: RunRecord): string {
  return `${startedAt}.${id}`;
}

/** What one view was made from, and what became of it. */
function viewTypes(error: GraphQLObjectType): {
  readonly input: GraphQLObjectType;
  readonly output: GraphQLObjectType;
} {
  const input = new GraphQLObjectType({
    name: 'RunInput',
    description: 'What one view was made from.',
    fields: {
      view: { type: required(GraphQLString) },
      version: { type: required(GraphQLInt) },
      fingerprint: { type: required(GraphQLString) },
      cut: { type: listOf(bigIntScalar), description: 'By partition: positions below it are in the result.' },
      corrections: { type: listOf(GraphQLString), description: 'In force, in order.' },
    },
  });
  const output = new GraphQLObjectType({
    name: 'RunOutput',
    description: 'What became of one view.',
    fields: {
      view: { type: required(GraphQLString) },
      state: { type: required(GraphQLString) },
      parts: { type: required(GraphQLInt) },
      rows: { type: required(bigIntScalar) },
      sha256: { type: GraphQLString, description: 'Over its parts; null when nothing was built.' },
      error: { type: error },
    },
  });
  return { input, output };
}

/** How far a run is, and the slots that it stands for. */
function courseTypes(): { readonly progress: GraphQLObjectType; readonly passedOver: GraphQLObjectType } {
  const progress = new GraphQLObjectType({
    name: 'RunProgress',
    fields: {
      done: { type: required(GraphQLInt), description: 'Parts that are built and verified.' },
      total: { type: required(GraphQLInt) },
      left: {
        type: durationScalar,
        description: 'Time left, if it goes on as it went; null: not known yet.',
        resolve: ({ leftMs }: { leftMs: number | null }) =>
          leftMs === null ? null : Math.ceil(leftMs / 1_000) * 1_000,
      },
    },
  });
  const passedOver = new GraphQLObjectType({
    name: 'PassedOver',
    description: 'Slots that got no run of their own.',
    fields: {
      slots: { type: required(GraphQLInt) },
      from: { type: required(dateTimeScalar) },
      to: { type: required(dateTimeScalar) },
      why: { type: required(GraphQLString), description: 'MISSED or OVERLAP.' },
    },
  });
  return { progress, passedOver };
}

/** A run of a job: what it was made from, what became of it, how far it is. */
export function runType(): GraphQLObjectType<RunRecord, RequestContext> {
  const triggers = ['SCHEDULE', 'MANUAL', 'START', 'RETRY', 'BACKFILL', 'CORRECTION', 'ROLLBACK'];
  const states = ['WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'REFUSED', 'SKIPPED', 'CANCELLED', 'ABANDONED'];
  const error = new GraphQLObjectType({
    name: 'RunError',
    fields: { code: { type: required(GraphQLString) }, message: { type: required(GraphQLString) } },
  });
  const gate = new GraphQLObjectType({
    name: 'RunGate',
    fields: {
      gate: { type: required(GraphQLString) },
      severity: { type: required(GraphQLString) },
      passed: { type: required(GraphQLBoolean) },
      detail: { type: required(GraphQLString) },
    },
  });
  const fact = new GraphQLObjectType({
    name: 'RunFact',
    fields: { name: { type: required(GraphQLString) }, value: { type: required(GraphQLString) } },
  });
  const { input, output } = viewTypes(error);
  const { progress, passedOver } = courseTypes();
  return new GraphQLObjectType<RunRecord, RequestContext>({
    name: 'Run',
    description: 'One run of one job.',
    fields: {
      id: { type: required(GraphQLString) },
      job: { type: required(GraphQLString) },
      subjects: { type: listOf(GraphQLString), description: 'Views or streams concerned.' },
      slot: { type: dateTimeScalar, description: 'When it was due; null when it was not the schedule.' },
      trigger: { type: required(enumOf('RunTrigger', triggers)) },
      state: { type: required(enumOf('RunState', states)) },
      startedAt: { type: required(dateTimeScalar) },
      endedAt: { type: dateTimeScalar },
      cursor: { type: required(GraphQLString), description: 'Its place in the history.', resolve: runCursor },
      release: { type: GraphQLString, description: 'The release that it made live.' },
      error: { type: error },
      attempt: { type: GraphQLInt, description: 'At its slot, from 1.' },
      retryOf: { type: GraphQLString, description: 'The run that this one does again, as far as it failed.' },
      engine: { type: GraphQLString },
      code: { type: GraphQLString, description: 'What names the code that ran.' },
      inputs: { type: listOf(input), resolve: ({ inputs = [] }) => inputs },
      outputs: { type: listOf(output), resolve: ({ outputs = [] }) => outputs },
      progress: { type: progress },
      reasons: {
        type: listOf(GraphQLString),
        description: 'Why it waits, or was refused.',
        resolve: ({ reasons = [] }) => reasons,
      },
      passedOver: { type: listOf(passedOver), resolve: ({ passedOver: slots = [] }) => slots },
      gates: {
        type: listOf(gate),
        description: 'What its gates said before anything was visible.',
        resolve: ({ gates = [] }) => gates,
      },
      facts: {
        type: listOf(fact),
        description: 'Counts: rows read, parts built, …',
        resolve: ({ facts }) => Object.entries(facts).map(([name, value]) => ({ name, value: String(value) })),
      },
    },
  });
}
