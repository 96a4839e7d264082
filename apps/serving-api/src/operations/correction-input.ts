import {
  correctionKinds,
  nothingSelected,
  parseCondition,
  type ConditionValue,
  type CorrectionKind,
} from '@twofold/corrections';
import { TwofoldError } from '@twofold/schemas';
import { noLimit, type Gate } from '@twofold/views';
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLEnumType,
  type GraphQLInputFieldConfigMap,
} from 'graphql';
import { bigIntScalar, dateTimeScalar, instantMs } from '../scalars.ts';
import type { AskedCorrection } from './operations.ts';
import { listOfTexts } from './refusal-types.ts';

const needed = (type: typeof GraphQLString | GraphQLEnumType) => ({ type: new GraphQLNonNull(type) });

/** Why, who, and how the same request is known again. */
export const noteFields: GraphQLInputFieldConfigMap = {
  reason: needed(GraphQLString),
  author: needed(GraphQLString),
  ticket: { type: GraphQLString },
  approver: { type: GraphQLString },
  key: { type: GraphQLString, description: 'Idempotency key: one key, one correction, however often it is sent.' },
};

export interface NoteInput {
  readonly reason: string;
  readonly author: string;
  readonly ticket?: string | null;
  readonly approver?: string | null;
  readonly key?: string | null;
}

export function correctionInput(kind: GraphQLEnumType): GraphQLInputObjectType {
  return new GraphQLInputObjectType({
    name: 'CorrectionInput',
    fields: {
      stream: needed(GraphQLString),
      kind: needed(kind),
      where: {
        type: GraphQLString,
        description: "A condition on the stream's fields: \"sensor = 'a7' and heat > 120\".",
      },
      from: { type: dateTimeScalar, description: 'Event time at or after.' },
      to: { type: dateTimeScalar, description: 'Event time before.' },
      partition: { type: GraphQLInt },
      source: { type: GraphQLString, description: 'Rows that this correction added, in the place of a partition.' },
      fromOffset: { type: bigIntScalar, description: 'With partition or source: positions from it on.' },
      toOffset: { type: bigIntScalar, description: 'With partition or source: positions below it.' },
      ids: { type: listOfTexts, description: 'Each a JSON object of the stream’s id fields, as text.' },
      rows: { type: listOfTexts, description: 'For add and replace: each an event as JSON text.' },
      set: { type: listOfTexts, description: 'For replace: "heat = heat - 2.5", over the stream’s fields.' },
      everything: { type: GraphQLBoolean, defaultValue: false, description: 'It may hit every event that counts.' },
      ...noteFields,
    },
  });
}

export interface CorrectionInput extends NoteInput {
  readonly stream: string;
  readonly kind: CorrectionKind;
  readonly where?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly partition?: number | null;
  readonly source?: string | null;
  readonly fromOffset?: string | null;
  readonly toOffset?: string | null;
  readonly ids?: readonly string[] | null;
  readonly rows?: readonly string[] | null;
  readonly set?: readonly string[] | null;
  readonly everything: boolean;
}

/** @param fallbackKey without a key of its own a plan is one request */
export function noteOf({ reason, author, ticket, approver, key }: NoteInput, fallbackKey: string) {
  return {
    ...{ reason, author, ticket: ticket ?? null, approver: approver ?? null },
    idempotencyKey: key ?? fallbackKey,
  };
}

/** Throws CONDITION_INVALID, CORRECTION_INVALID. */
export function askedOf(input: CorrectionInput, fallbackKey: string): AskedCorrection {
  const { stream, kind, where, from, to, partition, fromOffset, toOffset, ids, rows, set, everything } = input;
  if (!correctionKinds.includes(kind)) throw invalid(`${String(kind)} is no kind of correction`);
  const time = (text: string | null | undefined): number | null => (text == null ? null : instantMs(text));
  const ranged = fromOffset != null || toOffset != null;
  return {
    ...noteOf(input, fallbackKey),
    ...{ stream, kind, everything, set: set ?? null, source: input.source ?? null, keyIsDrawn: input.key == null },
    rows: rows == null ? null : rows.map((row) => row.replaceAll(/\s*\n\s*/g, ' ')).join('\n'),
    selection: {
      ...nothingSelected,
      where: where == null ? null : parseCondition(where),
      eventTime: from == null && to == null ? null : { from: time(from), to: time(to) },
      partition: partition ?? null,
      offsets: ranged ? { from: Number(fromOffset ?? 0), to: Number(toOffset ?? Number.MAX_SAFE_INTEGER) } : null,
      ids: ids == null ? null : ids.map(idOf),
    },
  };
}

function idOf(text: string): Readonly<Record<string, ConditionValue>> {
  try {
    const value: unknown = JSON.parse(text);
    const plain = (each: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof each);
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(plain))
      return value as Readonly<Record<string, ConditionValue>>;
  } catch {
    // Told below, with what is wanted.
  }
  throw invalid(`${JSON.stringify(text.slice(0, 100))} is no id: a JSON object of the id fields is wanted`);
}

export const gateInput = new GraphQLInputObjectType({
  name: 'GateInput',
  description: 'A limit on what changes, beside the gates that the project declares.',
  fields: {
    name: needed(GraphQLString),
    warnOnly: { type: GraphQLBoolean, defaultValue: false },
    view: { type: GraphQLString },
    measure: { type: GraphQLString },
    maxChange: { type: GraphQLFloat, description: 'A fifth is 0.2.' },
    maxRows: { type: GraphQLInt },
  },
});

export interface GateInput {
  readonly name: string;
  readonly warnOnly: boolean;
  readonly view?: string | null;
  readonly measure?: string | null;
  readonly maxChange?: number | null;
  readonly maxRows?: number | null;
}

export function gateOf({ name, warnOnly, view, measure, maxChange, maxRows }: GateInput): Gate {
  if (maxChange == null && maxRows == null) throw invalid(`gate ${name} asks for nothing: give maxChange or maxRows`);
  if ((maxChange ?? 0) < 0 || (maxRows ?? 0) < 0) throw invalid(`gate ${name}: a limit is 0 or more`);
  const limits = { view: view ?? null, measure: measure ?? null };
  const numbers = { maxRelativeChange: maxChange ?? null, maxRows: maxRows ?? null };
  return { ...noLimit, ...limits, ...numbers, name, severity: warnOnly ? 'warn' : 'block' };
}

function invalid(message: string): TwofoldError {
  return new TwofoldError('CORRECTION_INVALID', `${message}. Nothing was changed.`);
}
