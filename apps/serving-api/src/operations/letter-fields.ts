import {
  GraphQLBoolean,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigMap,
} from 'graphql';
import { deadLetterFields } from '../dead-letter-fields.ts';
import { bigIntScalar } from '../scalars.ts';
import type { RequestContext } from '../serving-context.ts';
import { noteFields, type NoteInput } from './correction-input.ts';
import type { AskedReplayOf, Operations, ShownLetter } from './operations.ts';
import { guarded, listOfTexts, requireOperator } from './refusal-types.ts';

type Fields = GraphQLFieldConfigMap<unknown, RequestContext>;
type PlanResult = Fields[string]['type'];

const text = { type: new GraphQLNonNull(GraphQLString) };
const position = { type: new GraphQLNonNull(bigIntScalar) };
const flag = (description: string) => ({ type: GraphQLBoolean, defaultValue: false, description });

/** Rejected records: one, whole, and the plan of a correction that adds what they were meant to be. */
export function letterFields(
  operations: Operations,
  planned: PlanResult,
): { readonly query: Fields; readonly mutation: Fields } {
  return {
    query: {
      deadLetter: {
        type: letterType(),
        description: 'One rejected record with its bytes. Null: none stands there. Streams list their dead letters.',
        args: { stream: text, partition: { type: new GraphQLNonNull(GraphQLInt) }, offset: position },
        resolve: (_, { stream, partition, offset }: PlaceArguments, context) => {
          requireOperator(context);
          return operations.deadLetter(stream, `${partition}:${offset}`);
        },
      },
    },
    mutation: {
      replayDeadLetters: {
        type: planned,
        description: 'Plans a correction that adds what rejected records were meant to be, mended by a transformation.',
        args: { input: { type: new GraphQLNonNull(replayInput()) } },
        resolve: (_, { input }: { input: ReplayInput }, context) =>
          guarded(context, () => operations.replayDeadLetters(askedOf(input))),
      },
    },
  };
}

interface PlaceArguments {
  readonly stream: string;
  readonly partition: number;
  readonly offset: string;
}

function letterType(): GraphQLObjectType<ShownLetter, RequestContext> {
  return new GraphQLObjectType<ShownLetter, RequestContext>({
    name: 'ShownDeadLetter',
    fields: {
      ...deadLetterFields<ShownLetter>(),
      base64: { type: GraphQLString, description: 'Its bytes; null: they are no longer there, as after a redaction.' },
      text: {
        type: GraphQLString,
        description: 'The same as UTF-8; what is none stands as �.',
        resolve: ({ base64 }) => (base64 === null ? null : new TextDecoder().decode(Buffer.from(base64, 'base64'))),
      },
    },
  });
}

function replayInput(): GraphQLInputObjectType {
  return new GraphQLInputObjectType({
    name: 'ReplayInput',
    fields: {
      stream: text,
      code: { type: GraphQLString, description: 'Only letters that were rejected for it: WRONG_TYPE, OUT_OF_RANGE, …' },
      field: { type: GraphQLString, description: 'Only letters that were rejected for this field.' },
      at: { type: listOfTexts, description: 'Only these places, each partition:offset.' },
      all: flag('Every letter of the stream.'),
      transform: {
        type: GraphQLString,
        description: 'How they are mended, steps parted by ;: \'replace "," by "." in heat; number heat\'.',
      },
      partial: flag('Leave out letters that are no events even so.'),
      allowKnown: flag('Also letters whose id an event has already.'),
      ...noteFields,
    },
  });
}

interface ReplayInput extends NoteInput {
  readonly stream: string;
  readonly code?: string | null;
  readonly field?: string | null;
  readonly at?: readonly string[] | null;
  readonly transform?: string | null;
  readonly all: boolean;
  readonly partial: boolean;
  readonly allowKnown: boolean;
}

function askedOf(input: ReplayInput): AskedReplayOf {
  const { stream, code, field, at, transform, all, partial, allowKnown } = input;
  const { reason, author, ticket, approver, key } = input;
  return {
    ...{ stream, all, partial, allowKnown, reason, author },
    ...{ code: code ?? null, field: field ?? null, at: at ?? null, transform: transform ?? null },
    ...{ ticket: ticket ?? null, approver: approver ?? null, key: key ?? null },
  };
}
