import {
  GraphQLBoolean,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigMap,
} from 'graphql';
import { listOf, required } from '../answer-types.ts';
import type { RequestContext, Serving } from '../serving-context.ts';
import {
  askedOf,
  correctionInput,
  gateInput,
  gateOf,
  noteFields,
  noteOf,
  type CorrectionInput,
  type GateInput,
  type NoteInput,
} from './correction-input.ts';
import { CorrectionTypes } from './correction-types.ts';
import { letterFields } from './letter-fields.ts';
import type { Operations } from './operations.ts';
import { guarded, listOfTexts, RefusalTypes, requireOperator } from './refusal-types.ts';
import { scheduleMutations, scheduleType } from './schedule-fields.ts';

type Fields = GraphQLFieldConfigMap<unknown, RequestContext>;

const text = { type: new GraphQLNonNull(GraphQLString) };

/** What operators ask and do, over what does it. New types each time: a schema has its own. */
export function operationFields({ operations, nextKey }: NonNullable<Serving['operating']>): {
  readonly query: Fields;
  readonly mutation: Fields;
} {
  const types = new CorrectionTypes();
  const refusals = new RefusalTypes();
  const planned = refusals.result('PlanResult', types.plan);
  const letters = letterFields(operations, planned);
  return {
    query: { ...queryFields(operations, types), ...letters.query },
    mutation: {
      ...correctionMutations(operations, nextKey, types, refusals, planned),
      ...letters.mutation,
      ...releaseMutations(operations, refusals),
      ...scheduleMutations(operations, refusals),
    },
  };
}

function queryFields(operations: Operations, types: CorrectionTypes): Fields {
  const operator = <T>(ask: (args: Record<string, string>) => Promise<T>) => ({
    resolve: (_: unknown, args: Record<string, string>, context: RequestContext) => {
      requireOperator(context);
      return ask(args);
    },
  });
  return {
    corrections: {
      type: listOf(types.correction),
      description: 'Every correction that was ever appended, newest first.',
      ...operator(() => operations.corrections()),
    },
    correctionPlan: {
      type: types.plan,
      description: 'A plan again, as it was made. Null: there is none.',
      args: { id: text },
      ...operator(({ id = '' }) => nullWhere('PLAN_UNKNOWN', () => operations.plan(id))),
    },
    releaseDiff: {
      type: types.diff,
      description: 'What a release, or a candidate that a gate stopped, changed. Null: nothing was compared.',
      args: { release: text },
      ...operator(({ release = '' }) => operations.diff(release)),
    },
    redactionCertificate: {
      type: types.certificate,
      description: 'What a redaction erased, where, and when the last copy is gone. Null: it is none, or not finished.',
      args: { correction: text },
      ...operator(({ correction = '' }) => operations.certificate(correction)),
    },
    releases: {
      type: listOf(keptRelease()),
      description: 'Releases that are kept, newest first.',
      ...operator(() => operations.releases()),
    },
    schedules: { type: listOf(scheduleType()), ...operator(() => operations.schedules()) },
  };
}

async function nullWhere<T>(code: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === code) return null;
    throw error;
  }
}

function correctionMutations(
  operations: Operations,
  nextKey: () => string,
  types: CorrectionTypes,
  refusals: RefusalTypes,
  planned: Fields[string]['type'],
): Fields {
  return {
    planCorrection: {
      type: planned,
      description: 'Resolves what a correction hits and writes it down; changes nothing that is served.',
      args: { input: { type: new GraphQLNonNull(correctionInput(types.kind)) } },
      resolve: (_, { input }: { input: CorrectionInput }, context) =>
        guarded(context, async () => operations.planCorrection(askedOf(input, nextKey()))),
    },
    planRevert: {
      type: planned,
      description: 'Plans the inverse of a correction that is in force.',
      args: {
        correction: text,
        note: { type: new GraphQLNonNull(new GraphQLInputObjectType({ name: 'NoteInput', fields: noteFields })) },
      },
      resolve: (_, { correction, note }: { correction: string; note: NoteInput }, context) =>
        guarded(context, () => operations.planRevert(correction, noteOf(note, nextKey()))),
    },
    applyPlan: {
      type: refusals.result('ApplyResult', types.applied, true),
      description:
        'Applies exactly what a plan showed: builds, compares at one cut, holds against the gates, promotes.',
      args: {
        planId: text,
        fingerprint: { ...text, description: 'Of the plan, as you saw it.' },
        preview: { type: GraphQLBoolean, defaultValue: false, description: 'Build and compare, and promote nothing.' },
        shown: {
          type: GraphQLString,
          description: 'Id of the difference that you have seen: only what it says is promoted, else PlanChanged.',
        },
        gates: { type: new GraphQLList(new GraphQLNonNull(gateInput)) },
      },
      resolve: (_, args: ApplyArguments, context) =>
        guarded(context, async () => {
          const { planId, fingerprint, preview, shown = null, gates } = args;
          return operations.applyPlan(planId, { fingerprint, preview, shown, gates: (gates ?? []).map(gateOf) });
        }),
    },
  };
}

interface ApplyArguments {
  readonly planId: string;
  readonly fingerprint: string;
  readonly preview: boolean;
  readonly shown?: string | null;
  readonly gates?: readonly GateInput[] | null;
}

function releaseMutations(operations: Operations, refusals: RefusalTypes): Fields {
  const released = new GraphQLObjectType({
    name: 'MadeLive',
    fields: { release: { type: required(GraphQLString) }, number: { type: required(GraphQLInt) } },
  });
  const letGo = new GraphQLObjectType({ name: 'LetGo', fields: { views: { type: listOf(GraphQLString) } } });
  const views = { views: { type: listOfTexts, description: 'Only these.' } };
  return {
    rollBack: {
      type: refusals.result('RollBackResult', released),
      description:
        'Puts an earlier release back, corrections included; live data go on being added, its views are held.',
      args: { release: { ...text, description: 'Its id or number.' }, ...views },
      resolve: (_, { release, views: some }: { release: string; views?: string[] | null }, context) =>
        guarded(context, () => operations.rollBack(release, some ?? null)),
    },
    letGo: {
      type: refusals.result('LetGoResult', letGo),
      description: 'Lets the views that a rollback holds be built and promoted again.',
      args: views,
      resolve: (_, { views: some }: { views?: string[] | null }, context) =>
        guarded(context, async () => ({ views: await operations.letGo(some ?? null) })),
    },
    retireView: {
      type: refusals.result('RetireResult', released),
      description: 'Takes a view that the project declares no more out of what is read.',
      args: { view: text },
      resolve: (_, { view }: { view: string }, context) => guarded(context, () => operations.retireView(view)),
    },
  };
}

function keptRelease(): GraphQLObjectType {
  return new GraphQLObjectType({
    name: 'KeptRelease',
    fields: {
      id: { type: required(GraphQLString) },
      number: { type: required(GraphQLInt) },
      reason: { type: required(GraphQLString) },
      live: { type: required(GraphQLBoolean) },
      restorable: { type: required(GraphQLBoolean), description: 'Every view can be put back to it.' },
      corrections: { type: listOf(GraphQLString), description: 'In force.' },
    },
  });
}
