import { literalBeside, type ExpressionDraft, type Literal } from './expression-draft.ts';
import {
  absolute,
  arithmetic,
  coalesced,
  comparison,
  junction,
  membership,
  negated,
  negation,
  nullTest,
  textTest,
} from './expression-operators.ts';

/** An expression over a stream's fields. Immutable; each method gives a new one. `N`: may it be null? */
abstract class Expression<N extends boolean> {
  readonly draft: ExpressionDraft;
  /** Type-level only. */
  declare readonly __nullable?: N;

  constructor(draft: ExpressionDraft) {
    this.draft = draft;
  }

  isNull(): BooleanExpression<false> {
    return new BooleanExpression(nullTest(this.draft));
  }

  isNotNull(): BooleanExpression<false> {
    return this.isNull().not();
  }

  /** An operand's draft; a literal takes the units of this expression. */
  protected beside(operand: Literal | Expression<boolean>): ExpressionDraft {
    return typeof operand === 'object' ? operand.draft : literalBeside(operand, this.draft);
  }
}

/** A condition in three-valued logic. */
export class BooleanExpression<N extends boolean = boolean> extends Expression<N> {
  readonly kind = 'boolean';

  not(): BooleanExpression<N> {
    return new BooleanExpression(negation(this.draft));
  }

  and<M extends boolean>(...others: readonly BooleanExpression<M>[]): BooleanExpression<N | M> {
    return new BooleanExpression(junction('and', [this.draft, ...others.map((other) => other.draft)]));
  }

  or<M extends boolean>(...others: readonly BooleanExpression<M>[]): BooleanExpression<N | M> {
    return new BooleanExpression(junction('or', [this.draft, ...others.map((other) => other.draft)]));
  }

  equals<M extends boolean = false>(other: boolean | BooleanExpression<M>): BooleanExpression<N | M> {
    return new BooleanExpression(comparison('eq', this.draft, this.beside(other)));
  }

  notEquals<M extends boolean = false>(other: boolean | BooleanExpression<M>): BooleanExpression<N | M> {
    return new BooleanExpression(comparison('ne', this.draft, this.beside(other)));
  }

  /** The other where this is null. */
  orElse<M extends boolean = false>(other: boolean | BooleanExpression<M>): BooleanExpression<M> {
    return new BooleanExpression(coalesced(this.draft, this.beside(other)));
  }
}

/** What has an order. `L` is what its literals are written as; expressions compare with those of their kind `K`. */
abstract class OrderedExpression<N extends boolean, L extends number | string, K extends string> extends Expression<N> {
  abstract readonly kind: K;

  equals<M extends boolean = false>(other: L | OrderedExpression<M, L, K>): BooleanExpression<N | M> {
    return new BooleanExpression(comparison('eq', this.draft, this.beside(other)));
  }

  notEquals<M extends boolean = false>(other: L | OrderedExpression<M, L, K>): BooleanExpression<N | M> {
    return new BooleanExpression(comparison('ne', this.draft, this.beside(other)));
  }

  lessThan<M extends boolean = false>(other: L | OrderedExpression<M, L, K>): BooleanExpression<N | M> {
    return new BooleanExpression(comparison('lt', this.draft, this.beside(other)));
  }

  atMost<M extends boolean = false>(other: L | OrderedExpression<M, L, K>): BooleanExpression<N | M> {
    return new BooleanExpression(comparison('lte', this.draft, this.beside(other)));
  }

  greaterThan<M extends boolean = false>(other: L | OrderedExpression<M, L, K>): BooleanExpression<N | M> {
    return new BooleanExpression(comparison('gt', this.draft, this.beside(other)));
  }

  atLeast<M extends boolean = false>(other: L | OrderedExpression<M, L, K>): BooleanExpression<N | M> {
    return new BooleanExpression(comparison('gte', this.draft, this.beside(other)));
  }

  isOneOf(values: readonly L[]): BooleanExpression<N> {
    return new BooleanExpression(membership(this.draft, values));
  }
}

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

  /** The other where this is null. */
  orElse(other: number): NumberExpression<false, F>;
  orElse<M extends boolean, G extends NumberForm>(other: NumberExpression<M, G>): NumberExpression<M, JointForm<F, G>>;
  orElse(other: number | NumberExpression): NumberExpression {
    return new NumberExpression(coalesced(this.draft, this.beside(other)));
  }
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

  /** The other where this is null. */
  orElse<M extends boolean = false>(other: V | TextExpression<M, V>): TextExpression<M, V> {
    return new TextExpression(coalesced(this.draft, this.beside(other)));
  }
}

function operand(other: number | NumberExpression): ExpressionDraft | number {
  return typeof other === 'number' ? other : other.draft;
}
