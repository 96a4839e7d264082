import { BooleanExpression, OrderedExpression } from './expression-base.ts';
import type { ExpressionDraft } from './expression-draft.ts';
import {
  changed,
  digitsOf,
  ending,
  joined,
  lengthOf,
  part,
  patternTest,
  placeOf,
  replaced,
} from './expression-functions.ts';
import { absolute, arithmetic, coalesced, extreme, negated, signOf, textTest } from './expression-operators.ts';
import { calendarPart, clockPart, dayOf, dayOfWeek, elapsed } from './expression-times.ts';

/** How a number is written in answers: an int as a number, a decimal as exact text, a float as a double. */
export type NumberForm = 'int' | 'decimal' | 'float';

/** The form of what is made of two numbers: an int takes the other's. */
export type JointForm<F extends NumberForm, G extends NumberForm> = [F] extends ['int']
  ? G
  : [G] extends ['int']
    ? F
    : F | G;

/** A literal factor may bring digits behind the point. */
type ScaledForm<F extends NumberForm> = 'int' extends F ? F | 'decimal' : F;

/** A number, counted in whole units (see `ExprType`): every operation is exact, or refused when the view is declared. */
export class NumberExpression<N extends boolean = boolean, F extends NumberForm = NumberForm> extends OrderedExpression<
  N,
  number,
  'number'
> {
  readonly kind = 'number';
  /** Type-level only. */
  declare readonly __form?: F;

  plus(other: number): NumberExpression<N, F>;
  plus<M extends boolean, G extends NumberForm>(
    other: NumberExpression<M, G>,
  ): NumberExpression<N | M, JointForm<F, G>>;
  plus(other: number | NumberExpression): NumberExpression {
    return new NumberExpression(arithmetic('add', this.draft, operand(other)));
  }

  minus(other: number): NumberExpression<N, F>;
  minus<M extends boolean, G extends NumberForm>(
    other: NumberExpression<M, G>,
  ): NumberExpression<N | M, JointForm<F, G>>;
  minus(other: number | NumberExpression): NumberExpression {
    return new NumberExpression(arithmetic('subtract', this.draft, operand(other)));
  }

  times(other: number): NumberExpression<N, ScaledForm<F>>;
  times<M extends boolean, G extends NumberForm>(
    other: NumberExpression<M, G>,
  ): NumberExpression<N | M, JointForm<F, G>>;
  times(other: number | NumberExpression): NumberExpression {
    return new NumberExpression(arithmetic('multiply', this.draft, operand(other)));
  }

  /** How many whole times the other goes into this, cut towards 0; null where the other is 0. */
  quotient(other: number): NumberExpression<N, 'int'>;
  quotient(other: NumberExpression): NumberExpression<true, 'int'>;
  quotient(other: number | NumberExpression): NumberExpression {
    return new NumberExpression(arithmetic('divide', this.draft, operand(other)));
  }

  /** What `quotient` leaves: it has this one's sign. */
  remainder(other: number): NumberExpression<N, F>;
  remainder<G extends NumberForm>(other: NumberExpression<boolean, G>): NumberExpression<true, JointForm<F, G>>;
  remainder(other: number | NumberExpression): NumberExpression {
    return new NumberExpression(arithmetic('remainder', this.draft, operand(other)));
  }

  /** What a quotient rounded down leaves: it has the other's sign. */
  modulo(other: number): NumberExpression<N, F>;
  modulo<G extends NumberForm>(other: NumberExpression<boolean, G>): NumberExpression<true, JointForm<F, G>>;
  modulo(other: number | NumberExpression): NumberExpression {
    return new NumberExpression(arithmetic('modulo', this.draft, operand(other)));
  }

  negated(): NumberExpression<N, F> {
    return new NumberExpression(negated(this.draft));
  }

  abs(): NumberExpression<N, F> {
    return new NumberExpression(absolute(this.draft));
  }

  /** -1, 0 or 1. */
  sign(): NumberExpression<N, 'int'> {
    return new NumberExpression(signOf(this.draft));
  }

  /** The digits of a whole number. */
  toText(this: NumberExpression<N, 'int'>): TextExpression<N> {
    return new TextExpression(digitsOf(this.draft));
  }

  /** The other where this is null. */
  orElse(other: number): NumberExpression<false, F>;
  orElse<M extends boolean, G extends NumberForm>(other: NumberExpression<M, G>): NumberExpression<M, JointForm<F, G>>;
  orElse(other: number | NumberExpression): NumberExpression {
    return new NumberExpression(coalesced(this.draft, this.beside(other)));
  }
}

/** The largest of those that are not null; null where all are. */
export function greatest<F extends NumberForm>(
  ...of: readonly [NumberExpression<boolean, F>, ...NumberExpression<boolean, F>[]]
): NumberExpression<boolean, F> {
  return new NumberExpression(extreme('greatest', drafts(of)));
}

/** The least of those that are not null; null where all are. */
export function least<F extends NumberForm>(
  ...of: readonly [NumberExpression<boolean, F>, ...NumberExpression<boolean, F>[]]
): NumberExpression<boolean, F> {
  return new NumberExpression(extreme('least', drafts(of)));
}

function drafts(of: readonly NumberExpression[]): readonly ExpressionDraft[] {
  return of.map(({ draft }) => draft);
}

/** An instant or a day. Literals are texts ('2026-03-01T12:00:00Z', '2026-03-01') or whole units since 1970. */
export class TimeExpression<
  K extends 'instant' | 'date' = 'instant' | 'date',
  N extends boolean = boolean,
> extends OrderedExpression<N, number | string, K> {
  readonly kind: K;

  constructor(kind: K, draft: ExpressionDraft) {
    super(draft);
    this.kind = kind;
  }

  /** Whole units since another time, negative before it: the unit of the instants, or days. */
  since<M extends boolean>(other: TimeExpression<K, M>): NumberExpression<N | M, 'int'> {
    return new NumberExpression(elapsed(this.draft, other.draft));
  }

  /** The day that an instant falls on, in UTC. */
  date(this: TimeExpression<'instant', N>): TimeExpression<'date', N> {
    return new TimeExpression('date', dayOf(this.draft));
  }

  /** 1 to 9999; like all parts in UTC. */
  year(): NumberExpression<N, 'int'> {
    return new NumberExpression(calendarPart('year', this.draft));
  }

  /** 1 to 12. */
  month(): NumberExpression<N, 'int'> {
    return new NumberExpression(calendarPart('month', this.draft));
  }

  /** 1 to 31. */
  dayOfMonth(): NumberExpression<N, 'int'> {
    return new NumberExpression(calendarPart('dayOfMonth', this.draft));
  }

  /** 1 is Monday, 7 Sunday. */
  dayOfWeek(): NumberExpression<N, 'int'> {
    return new NumberExpression(dayOfWeek(this.draft));
  }

  /** 1 to 53, by ISO 8601: the first week of a year has its first Thursday. */
  isoWeek(): NumberExpression<N, 'int'> {
    return new NumberExpression(calendarPart('isoWeek', this.draft));
  }

  /** 0 to 23. */
  hour(this: TimeExpression<'instant', N>): NumberExpression<N, 'int'> {
    return new NumberExpression(clockPart(this.draft, 3_600, 24));
  }

  /** 0 to 59. */
  minute(this: TimeExpression<'instant', N>): NumberExpression<N, 'int'> {
    return new NumberExpression(clockPart(this.draft, 60, 60));
  }

  /** 0 to 59. */
  second(this: TimeExpression<'instant', N>): NumberExpression<N, 'int'> {
    return new NumberExpression(clockPart(this.draft, 1, 60));
  }

  /** The other where this is null. */
  orElse<M extends boolean = false>(other: number | string | TimeExpression<K, M>): TimeExpression<K, M> {
    return new TimeExpression(this.kind, coalesced(this.draft, this.beside(other)));
  }
}

/** A text, ordered by code point; case and accents count. `V` are the values of an enumeration. */
export class TextExpression<N extends boolean = boolean, V extends string = string> extends OrderedExpression<
  N,
  V,
  'text'
> {
  readonly kind = 'text';

  startsWith(text: string): BooleanExpression<N> {
    return new BooleanExpression(textTest('startsWith', this.draft, text));
  }

  endsWith(text: string): BooleanExpression<N> {
    return new BooleanExpression(textTest('endsWith', this.draft, text));
  }

  contains(text: string): BooleanExpression<N> {
    return new BooleanExpression(textTest('contains', this.draft, text));
  }

  /** Does the whole text match? The language of patterns is that of `text().matches`. */
  matches(pattern: string): BooleanExpression<N> {
    return new BooleanExpression(patternTest(this.draft, pattern));
  }

  /** In code points. */
  length(): NumberExpression<N, 'int'> {
    return new NumberExpression(lengthOf('length', this.draft));
  }

  /** In bytes of UTF-8. */
  byteLength(): NumberExpression<N, 'int'> {
    return new NumberExpression(lengthOf('byteLength', this.draft));
  }

  /** How many code points stand before the first place that has this text; -1 where none has. */
  indexOf(text: string): NumberExpression<N, 'int'> {
    return new NumberExpression(placeOf(this.draft, text));
  }

  /** So many code points (all, unless told) behind the first `start` ones. */
  substring(start: number, length?: number): TextExpression<N> {
    return new TextExpression(part(this.draft, start, length ?? null));
  }

  /** The last code points, so many of them; all, where there are fewer. */
  last(length: number): TextExpression<N> {
    return new TextExpression(ending(this.draft, length));
  }

  /** With this text in place of the other, wherever it stands, from the left. */
  replace(text: string, by: string): TextExpression<N> {
    return new TextExpression(replaced(this.draft, text, by));
  }

  /** A to Z become a to z, and nothing else changes. */
  lowerAscii(): TextExpression<N> {
    return new TextExpression(changed('lowerAscii', this.draft));
  }

  upperAscii(): TextExpression<N> {
    return new TextExpression(changed('upperAscii', this.draft));
  }

  /** Without the blanks (U+0020 only) at both ends. */
  trim(): TextExpression<N> {
    return new TextExpression(changed('trim', this.draft));
  }

  /** This text and the others behind it; null where one of them is. */
  concat<M extends boolean = false>(...others: readonly (string | TextExpression<M>)[]): TextExpression<N | M> {
    return new TextExpression(
      joined(
        this.draft,
        others.map((other) => (typeof other === 'string' ? other : other.draft)),
      ),
    );
  }

  /** The other where this is null. */
  orElse<M extends boolean = false>(other: V | TextExpression<M, V>): TextExpression<M, V> {
    return new TextExpression(coalesced(this.draft, this.beside(other)));
  }
}

function operand(other: number | NumberExpression): ExpressionDraft | number {
  return typeof other === 'number' ? other : other.draft;
}
