import { literalBeside, type ExpressionDraft, type Literal } from './expression-draft.ts';
import { distinction } from './expression-functions.ts';
import { coalesced, comparison, junction, membership, negation, nullTest } from './expression-operators.ts';

/** An expression over a stream's fields. Immutable; each method gives a new one. `N`: may it be null? */
export abstract class Expression<N extends boolean> {
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

  /** Are they different, where null is a value like any other? Never null. */
  isDistinctFrom(other: boolean | BooleanExpression): BooleanExpression<false> {
    return new BooleanExpression(distinction(this.draft, this.beside(other)));
  }

  /** The other where this is null. */
  orElse<M extends boolean = false>(other: boolean | BooleanExpression<M>): BooleanExpression<M> {
    return new BooleanExpression(coalesced(this.draft, this.beside(other)));
  }
}

/** What has an order. `L` is what its literals are written as; expressions compare with those of their kind `K`. */
export abstract class OrderedExpression<
  N extends boolean,
  L extends number | string,
  K extends string,
> extends Expression<N> {
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

  /** Are they different, where null is a value like any other? Never null. */
  isDistinctFrom(other: L | OrderedExpression<boolean, L, K>): BooleanExpression<false> {
    return new BooleanExpression(distinction(this.draft, this.beside(other)));
  }

  isOneOf(values: readonly L[]): BooleanExpression<N> {
    return new BooleanExpression(membership(this.draft, values));
  }
}
