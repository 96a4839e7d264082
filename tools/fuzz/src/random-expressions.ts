import {
  BooleanExpression,
  BytesExpression,
  Expression,
  ListExpression,
  greatest,
  least,
  NumberExpression,
  TextExpression,
  TimeExpression,
  when,
  type EventFields,
} from '@twofold/views';
import type { FieldShapes } from '@twofold/schemas';
import type { Draw } from './draw.ts';

export type AnyExpression = NumberExpression | TextExpression | TimeExpression | BooleanExpression;

/** The fields of an event, also those in records. */
function fieldsOf(event: object): unknown[] {
  return Object.values(event).flatMap((field: unknown) =>
    field instanceof Expression || typeof field !== 'object' || field === null ? [field] : fieldsOf(field),
  );
}

/** Random expressions over a stream's fields, none of which a declaration would refuse. */
export class RandomExpressions {
  readonly #draw: Draw;
  readonly numbers: readonly NumberExpression[];
  readonly texts: readonly TextExpression[];
  readonly times: readonly TimeExpression[];
  readonly #truths: readonly BooleanExpression[];
  readonly #held: readonly (BytesExpression | ListExpression)[];

  constructor(draw: Draw, event: EventFields<FieldShapes>) {
    const fields = fieldsOf(event);
    this.#draw = draw;
    this.numbers = fields.filter((field) => field instanceof NumberExpression);
    this.texts = fields.filter((field) => field instanceof TextExpression);
    this.times = fields.filter((field) => field instanceof TimeExpression);
    this.#truths = fields.filter((field) => field instanceof BooleanExpression);
    this.#held = fields.filter((field) => field instanceof BytesExpression || field instanceof ListExpression);
  }

  /** An expression of any kind; the event time is always there. */
  any(depth: number): AnyExpression {
    return this.#draw.one<AnyExpression>([
      () => this.number(depth) ?? this.time(depth),
      () => this.text(depth),
      () => this.time(depth),
      () => this.truth(depth),
    ]);
  }

  /** Null: the stream has no number. */
  number(depth: number): NumberExpression | null {
    const draw = this.#draw;
    if (this.numbers.length === 0) return null;
    const of = draw.pick(this.numbers);
    if (depth === 0 || draw.chance(0.3)) return of;
    const inner = this.number(depth - 1) ?? of;
    const other = this.number(depth - 1) ?? of;
    const literal = draw.pick([0, 1, -1, 2, 3, 7, 10, 0.5, 0.01, 1_000]);
    const divisor = draw.pick([1, -1, 2, 3, -7, 10]);
    return kept(inner, () =>
      draw.one<NumberExpression>([
        () => inner.plus(other),
        () => inner.plus(literal),
        () => inner.minus(other),
        () => inner.times(other),
        () => inner.times(literal),
        () => inner.quotient(divisor),
        () => inner.quotient(other),
        () => inner.remainder(divisor),
        () => inner.remainder(other),
        () => inner.modulo(divisor),
        () => inner.modulo(other),
        () => inner.negated(),
        () => inner.sign(),
        () => greatest(inner, other),
        () => least(inner, other),
        () => this.#numberOfText(depth - 1),
        () => this.#numberOfTime(depth - 1),
        () => inner.abs(),
        () => inner.orElse(other),
        () => inner.orElse(literal),
        () => when(this.truth(depth - 1), inner, other),
        () => when(this.truth(depth - 1), inner, literal),
        () => when(this.truth(depth - 1), inner),
      ]),
    );
  }

  #numberOfText(depth: number): NumberExpression {
    const of = this.text(depth);
    return this.#draw.one<NumberExpression>([
      () => of.length(),
      () => of.byteLength(),
      () => of.indexOf(this.#draw.pick(literals)),
    ]);
  }

  #numberOfTime(depth: number): NumberExpression {
    const of = this.time(depth);
    const parts: (() => NumberExpression)[] = [
      () => of.year(),
      () => of.month(),
      () => of.dayOfMonth(),
      () => of.dayOfWeek(),
      () => of.isoWeek(),
      () => of.since(this.time(depth)),
    ];
    if (!isInstant(of)) return this.#draw.one(parts);
    return this.#draw.one([...parts, () => of.hour(), () => of.minute(), () => of.second()]);
  }

  text(depth: number): TextExpression {
    const draw = this.#draw;
    const of = draw.pick(this.texts);
    if (depth === 0 || draw.chance(0.4)) return of;
    const inner = this.text(depth - 1);
    const other = this.text(depth - 1);
    return kept(inner, () =>
      draw.one<TextExpression>([
        () => inner.orElse(draw.pick(literals)),
        () => inner.orElse(other),
        () => when(this.truth(depth - 1), inner, other),
        () => when(this.truth(depth - 1), inner, draw.pick(literals)),
        () => inner.lowerAscii(),
        () => inner.upperAscii(),
        () => inner.trim(),
        () => inner.substring(draw.int(0, 2), draw.chance(0.3) ? undefined : draw.int(1, 3)),
        () => inner.last(draw.int(1, 3)),
        () => inner.replace(draw.pick(literals), draw.pick(literals)),
        () => inner.concat(other),
        () => inner.concat(draw.pick(literals), this.#digits(depth - 1) ?? other),
      ]),
    );
  }

  #digits(depth: number): TextExpression | null {
    const of = this.number(depth);
    const type = of?.draft.expr.type;
    // Whole numbers only: what they are is not known to the type checker here.
    return type?.kind === 'number' && type.scale === 0 && type.quantum === null
      ? (of as NumberExpression<boolean, 'int'>).toText()
      : null;
  }

  time(depth: number): TimeExpression {
    const draw = this.#draw;
    const of = draw.pick(this.times);
    if (depth === 0 || draw.chance(0.6)) return of;
    const other = draw.pick(this.times);
    return kept(of, () =>
      draw.one<TimeExpression>([
        () => of.orElse(draw.int(-10, 10)),
        () => of.orElse(other),
        () => when(this.truth(depth - 1), of, other),
        () => (isInstant(of) ? of.date() : of),
      ]),
    );
  }

  truth(depth: number): BooleanExpression {
    const draw = this.#draw;
    if (depth > 0 && draw.chance(0.5)) {
      const [first, second] = [this.truth(depth - 1), this.truth(depth - 1)];
      return draw.one<BooleanExpression>([
        () => first.not(),
        () => first.and(second),
        () => first.or(second),
        () => first.equals(second),
        () => first.orElse(second),
        () => first.orElse(draw.chance(0.5)),
      ]);
    }
    return draw.one<BooleanExpression>([
      () => (this.#truths.length > 0 ? draw.pick(this.#truths) : this.text(0).isNotNull()),
      () => this.#numberTest(depth) ?? this.#textTest(depth),
      () => this.#textTest(depth),
      () => this.#timeTest(depth),
      () => this.#heldTest() ?? this.#timeTest(depth),
      () => this.any(0).isNull(),
    ]);
  }

  #numberTest(depth: number): BooleanExpression | null {
    const draw = this.#draw;
    const of = this.number(depth);
    if (of === null) return null;
    const other = this.number(0) ?? of;
    const literal = draw.pick([0, 1, -1, 5, 100]);
    return kept(of.isNotNull(), () =>
      draw.one([
        () => of.greaterThan(literal),
        () => of.atMost(other),
        () => of.equals(literal),
        () => of.notEquals(other),
        () => of.isOneOf([literal, 2, 3]),
        () => of.isDistinctFrom(other),
      ]),
    );
  }

  #textTest(depth: number): BooleanExpression {
    const draw = this.#draw;
    const of = this.text(depth);
    const literal = draw.pick(literals);
    return kept(of.isNotNull(), () =>
      draw.one([
        () => of.lessThan(literal),
        () => of.atLeast(this.text(0)),
        () => of.equals(literal),
        () => of.isOneOf([literal, 'ab']),
        () => of.startsWith(literal),
        () => of.endsWith(literal),
        () => of.contains(literal),
        () => of.matches(draw.pick(patterns)),
        () => of.isDistinctFrom(this.text(0)),
      ]),
    );
  }

  #heldTest(): BooleanExpression | null {
    const draw = this.#draw;
    if (this.#held.length === 0) return null;
    const of = draw.pick(this.#held);
    if (of instanceof BytesExpression)
      return draw.one([() => of.equals('AAE='), () => of.byteLength().atLeast(draw.int(0, 4)), () => of.isNull()]);
    return kept(of.isNotNull(), () =>
      draw.one([
        () => of.contains(draw.pick<string | number>(['', 'a', 'a,b', "it's", 'on', 0, 1, -1])),
        () => of.length().greaterThan(draw.int(0, 3)),
      ]),
    );
  }

  #timeTest(depth: number): BooleanExpression {
    const draw = this.#draw;
    const of = this.time(depth);
    return kept(of.isNotNull(), () =>
      draw.one([() => of.lessThan(draw.int(-50, 50)), () => of.notEquals(this.time(0)), () => of.atLeast(0)]),
    );
  }
}

const literals = ['', 'a', 'B', 'é', '\u{1f600}', '￿', "it's", '\\', '%', 'on'];

const patterns = [
  'a*',
  '[^a]+',
  '(a|b|é)+',
  '.?',
  '[a-zA-Z]{1,2}',
  "it's",
  '[0-9\\-]*',
  '(\u{1f600}|on|off)?',
  '[\u0000-\u007f]*',
];

function isInstant(of: TimeExpression): of is TimeExpression<'instant'> {
  return of.kind === 'instant';
}

/** What was made, unless a declaration would refuse it: units that do not fit, a range beyond 2^53, a value outside an enumeration. */
function kept<E extends AnyExpression>(fallback: E, make: () => E): E {
  const made = make();
  return made.draft.faults.length === 0 ? made : fallback;
}
