import {
  changeCauses,
  correctionKinds,
  type ChangedRow,
  type CorrectionPlan,
  type DiffValue,
  type ErasedPlace,
  type RedactionCertificate,
} from '@twofold/corrections';
import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigMap,
} from 'graphql';
import { listOf, required } from '../answer-types.ts';
import { bigIntScalar, dateTimeScalar } from '../scalars.ts';

type Values = Readonly<Record<string, DiffValue>> | null;

const enumOf = (name: string, values: readonly string[], description?: string): GraphQLEnumType =>
  new GraphQLEnumType({
    name,
    values: Object.fromEntries(values.map((value) => [value.toUpperCase(), { value }])),
    ...(description === undefined ? {} : { description }),
  });

/** Names and values, as a list: GraphQL has no records. */
export function namedValues(values: Values): { name: string; value: string | null }[] | null {
  if (values === null) return null;
  return Object.entries(values).map(([name, value]) => ({ name, value: value === null ? null : String(value) }));
}

/** Types of plans, differences and corrections, made anew for each schema. */
export class CorrectionTypes {
  readonly kind = enumOf('CorrectionKind', correctionKinds);
  readonly cause = enumOf('ChangeCause', changeCauses, 'Why a number is another one.');
  readonly namedValue = new GraphQLObjectType({
    name: 'NamedValue',
    fields: { name: { type: required(GraphQLString) }, value: { type: GraphQLString, description: 'As text.' } },
  });

  readonly #viewEffect = new GraphQLObjectType({
    name: 'ViewEffect',
    description: 'What a correction means for one view, and what building it will cost.',
    fields: {
      ...texts('view'),
      ...ints('version', 'keys', 'panes', 'partsToBuild', 'partsShared'),
      ...bigs('recordsToRead', 'rowsToWrite'),
      why: { type: GraphQLString, description: 'Why it is among those that move.' },
    },
  });
  readonly #conflict = new GraphQLObjectType({
    name: 'PlanConflict',
    description:
      'Another plan of the same events that was not applied yet: whichever is first, the other is planned again.',
    fields: {
      ...texts('plan', 'author', 'asked'),
      kind: { type: required(this.kind) },
      ...times('plannedAt'),
      ...bigs('sharedEvents'),
    },
  });
  readonly #sample = new GraphQLObjectType({
    name: 'ShownEvent',
    fields: {
      source: { type: bigIntScalar, description: 'Partition or correction; null: a row that is to be added.' },
      ...bigs('offset'),
      ...times('eventTime'),
      fields: { type: listOf(this.namedValue), resolve: ({ fields }: { fields: Values }) => namedValues(fields) },
    },
  });
  readonly plan = new GraphQLObjectType({
    name: 'CorrectionPlan',
    description: 'What a correction would do, resolved and written down. It is applied as it is shown, or refused.',
    fields: {
      ...texts('id', 'stream', 'asked', 'reason', 'author', 'idempotencyKey'),
      kind: { type: required(this.kind) },
      ...optionalTexts('ticket', 'approver', 'reverts'),
      fingerprint: { type: required(GraphQLString), description: 'Give it to applyPlan: you have seen this plan.' },
      ...times('plannedAt'),
      ...bigs('countedEvents', 'recordsRead'),
      matched: {
        type: required(bigIntScalar),
        description: 'Events that will count no more.',
        resolve: ({ targets, takesBack }: CorrectionPlan) => takesBack?.goes ?? targets?.count ?? 0,
      },
      added: {
        type: required(bigIntScalar),
        description: 'Rows that are added, or events that come back.',
        resolve: ({ rows, takesBack }: CorrectionPlan) => takesBack?.comes ?? rows?.count ?? 0,
      },
      stayErased: {
        type: required(bigIntScalar),
        description: 'Of what is taken back: events that a redaction erased, which nothing brings back.',
        resolve: ({ takesBack }: CorrectionPlan) => takesBack?.erased ?? 0,
      },
      cut: { type: listOf(bigIntScalar), description: 'By partition: what is hit stands below.' },
      base: { type: listOf(GraphQLString), description: 'Corrections that were in force.' },
      sample: { type: listOf(this.#sample), description: 'The first of those that are matched.' },
      sampleAdded: {
        type: listOf(this.#sample),
        description: 'The first of those that are added.',
        resolve: ({ sampleAdded = [] }: CorrectionPlan) => sampleAdded,
      },
      effects: { type: listOf(this.#viewEffect) },
      collisions: { type: listOf(GraphQLString), description: 'Ids of rows that events which count have already.' },
      conflicts: {
        type: listOf(this.#conflict),
        resolve: ({ conflicts = [] }: CorrectionPlan) => conflicts,
      },
    },
  });

  readonly #measure = new GraphQLObjectType({
    name: 'MeasureDiff',
    fields: {
      ...texts('measure'),
      ...ints('rowsChanged'),
      largestAbsolute: { type: GraphQLFloat },
      largestRelative: { type: GraphQLFloat },
    },
  });
  readonly #mover = new GraphQLObjectType({
    name: 'ChangedRow',
    fields: {
      key: {
        type: listOf(GraphQLString),
        resolve: ({ key }: ChangedRow) => key.map(String),
      },
      ...times('windowStart', 'windowEnd'),
      before: { type: this.#values(), resolve: ({ before }: ChangedRow) => namedValues(before) },
      after: { type: this.#values(), resolve: ({ after }: ChangedRow) => namedValues(after) },
      change: { type: required(GraphQLFloat) },
    },
  });
  readonly #bucket = new GraphQLObjectType({
    name: 'BucketDiff',
    description: 'What changed in one stretch of time.',
    fields: {
      ...times('from', 'to'),
      ...ints('rows', 'rowsAdded', 'rowsRemoved', 'keysAdded', 'keysRemoved'),
      measures: { type: listOf(this.#measure) },
      largest: { type: required(this.#mover), description: 'The row that changed most.' },
    },
  });
  readonly #viewDiff = new GraphQLObjectType({
    name: 'ViewDiff',
    description: 'What one view answers otherwise for one cause, in panes of its finest level.',
    fields: {
      ...texts('view'),
      cause: { type: required(this.cause) },
      incomparable: { type: GraphQLString, description: 'Why its rows could not be compared; null: they were.' },
      ...ints('version', 'rowsCompared', 'rowsChanged', 'rowsAdded', 'rowsRemoved'),
      keysAdded: { type: required(GraphQLInt), description: 'Keys that come, in changed stretches of time.' },
      keysRemoved: { type: required(GraphQLInt), description: 'Keys that go, in changed stretches of time.' },
      measures: { type: listOf(this.#measure) },
      buckets: { type: listOf(this.#bucket), description: 'Those with a change, by time; the first thousand.' },
      movers: { type: listOf(this.#mover), description: 'Those that changed most, most first.' },
    },
  });
  readonly gateResult = new GraphQLObjectType({
    name: 'GateResult',
    fields: { ...texts('gate', 'severity', 'detail'), passed: { type: required(GraphQLBoolean) } },
  });
  readonly diff = new GraphQLObjectType({
    name: 'ReleaseDiff',
    description: 'What a release, or a candidate that was not promoted, changes, by view and cause.',
    fields: {
      ...optionalTexts('id', 'release', 'correction', 'plan'),
      ...texts('base'),
      ...times('at'),
      views: { type: listOf(this.#viewDiff) },
      gates: { type: listOf(this.gateResult) },
    },
  });
  readonly certificate = new GraphQLObjectType({
    name: 'RedactionCertificate',
    description: 'What a redaction erased, from where, and when the last copy is gone.',
    fields: {
      ...texts('correction', 'stream', 'asked', 'reason', 'author'),
      ...optionalTexts('ticket', 'approver'),
      ...times('plannedAt', 'finishedAt'),
      cut: { type: listOf(bigIntScalar), description: 'By partition: events at or above it were not looked at.' },
      erased: {
        type: required(bigIntScalar),
        description: 'Records.',
        resolve: ({ targets }: RedactionCertificate) => targets.count,
      },
      oldestRelease: {
        type: required(GraphQLString),
        description: 'Nothing from before it can be put back.',
        resolve: ({ release }: RedactionCertificate) => release.id,
      },
      places: { type: listOf(erasedPlace()) },
      ...goneFields(),
      beyond: { type: listOf(GraphQLString), description: 'Where it reaches nothing.' },
    },
  });
  readonly applied = new GraphQLObjectType({
    name: 'CorrectionApplied',
    fields: {
      ...texts('correction'),
      release: { type: GraphQLString, description: 'Null: nothing was promoted, as in a preview.' },
      alreadyInForce: { type: required(GraphQLBoolean) },
      diff: { type: this.diff },
      certificate: { type: this.certificate, description: 'Of a redaction.' },
      facts: {
        type: listOf(this.namedValue),
        description: 'What was measured: records read, rows written, parts built and shared.',
        resolve: ({ facts }: { facts: Readonly<Record<string, number>> }) => namedValues(facts),
      },
    },
  });
  readonly correction = new GraphQLObjectType({
    name: 'Correction',
    fields: {
      ...texts('id', 'stream', 'asked', 'reason', 'author', 'idempotencyKey'),
      kind: { type: required(this.kind) },
      ...optionalTexts('ticket', 'approver', 'reverts'),
      ...times('plannedAt'),
      ...bigs('targets', 'rows'),
      inForce: { type: required(GraphQLBoolean) },
    },
  });

  #values() {
    return listOf(this.namedValue).ofType;
  }
}

function erasedPlace(): GraphQLObjectType {
  return new GraphQLObjectType({ name: 'ErasedPlace', fields: { ...texts('place', 'how'), ...goneFields() } });
}

/** When no byte is there any more: at once, by a day, or never by itself. */
function goneFields(): Fields {
  const isDay = ({ goneBy }: Pick<ErasedPlace, 'goneBy'>): boolean => typeof goneBy === 'number';
  return {
    gone: {
      type: required(GraphQLBoolean),
      description: 'No byte is there any more.',
      resolve: (of) => (of as ErasedPlace).goneBy === null,
    },
    goneBy: {
      type: dateTimeScalar,
      description: 'The day by which it is; null when it is gone, or never goes by itself.',
      resolve: (of) => (isDay(of as ErasedPlace) ? (of as ErasedPlace).goneBy : null),
    },
  };
}

type Fields = GraphQLFieldConfigMap<unknown, unknown>;

const each = (names: readonly string[], type: Fields[string]['type']): Fields =>
  Object.fromEntries(names.map((name) => [name, { type }]));
const texts = (...names: readonly string[]): Fields => each(names, required(GraphQLString));
const optionalTexts = (...names: readonly string[]): Fields => each(names, GraphQLString);
const ints = (...names: readonly string[]): Fields => each(names, required(GraphQLInt));
const bigs = (...names: readonly string[]): Fields => each(names, required(bigIntScalar));
const times = (...names: readonly string[]): Fields => each(names, required(dateTimeScalar));
