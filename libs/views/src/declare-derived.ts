import type { Expr, ExprType } from './expression.ts';

const number: ExprType = {
  kind: 'number',
  scale: 0,
  quantum: null,
  min: -Number.MAX_VALUE,
  max: Number.MAX_VALUE,
  nullable: true,
};
const boolean: ExprType = { kind: 'boolean', nullable: true };

/** A value over finished measures, computed when an answer is read: doubles, null where a measure is. Immutable. */
abstract class Derived {
  readonly expr: Expr;
  readonly shownUnit: string | null;

  constructor(expr: Expr, unit: string | null = null) {
    this.expr = expr;
    this.shownUnit = unit;
  }

  isNull(): DerivedCondition {
    return new DerivedCondition({ op: 'isNull', of: this.expr, type: boolean });
  }
}

export class DerivedNumber extends Derived {
  readonly kind = 'number';

  unit(unit: string): DerivedNumber {
    return new DerivedNumber(this.expr, unit);
  }

  plus(other: number | DerivedNumber): DerivedNumber {
    return this.arithmetic('add', other);
  }

  minus(other: number | DerivedNumber): DerivedNumber {
    return this.arithmetic('subtract', other);
  }

  times(other: number | DerivedNumber): DerivedNumber {
    return this.arithmetic('multiply', other);
  }

  /** Null where the other is 0. */
  dividedBy(other: number | DerivedNumber): DerivedNumber {
    return this.arithmetic('divide', other);
  }

  negated(): DerivedNumber {
    return new DerivedNumber({ op: 'negate', of: this.expr, type: number });
  }

  abs(): DerivedNumber {
    return new DerivedNumber({ op: 'abs', of: this.expr, type: number });
  }

  /** The other where this is null. */
  orElse(other: number | DerivedNumber): DerivedNumber {
    return new DerivedNumber({ op: 'coalesce', args: [this.expr, exprOf(other)], type: number });
  }

  equals(other: number | DerivedNumber): DerivedCondition {
    return this.compare('eq', other);
  }

  notEquals(other: number | DerivedNumber): DerivedCondition {
    return this.compare('ne', other);
  }

  lessThan(other: number | DerivedNumber): DerivedCondition {
    return this.compare('lt', other);
  }

  atMost(other: number | DerivedNumber): DerivedCondition {
    return this.compare('lte', other);
  }

  greaterThan(other: number | DerivedNumber): DerivedCondition {
    return this.compare('gt', other);
  }

  atLeast(other: number | DerivedNumber): DerivedCondition {
    return this.compare('gte', other);
  }

  private arithmetic(op: 'add' | 'subtract' | 'multiply' | 'divide', other: number | DerivedNumber): DerivedNumber {
    return new DerivedNumber({ op, left: this.expr, right: exprOf(other), type: number });
  }

  private compare(op: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte', other: number | DerivedNumber): DerivedCondition {
    return new DerivedCondition({ op, left: this.expr, right: exprOf(other), type: boolean });
  }
}

export class DerivedCondition extends Derived {
  readonly kind = 'boolean';

  not(): DerivedCondition {
    return new DerivedCondition({ op: 'not', of: this.expr, type: boolean });
  }

  and(other: DerivedCondition): DerivedCondition {
    return new DerivedCondition({ op: 'and', args: [this.expr, other.expr], type: boolean });
  }

  or(other: DerivedCondition): DerivedCondition {
    return new DerivedCondition({ op: 'or', args: [this.expr, other.expr], type: boolean });
  }
}

/** A measure as a derived value reads it. */
export function measureValue(name: string): DerivedNumber {
  return new DerivedNumber({ op: 'measure', measure: name, type: number });
}

function exprOf(operand: number | DerivedNumber): Expr {
  return typeof operand === 'number' ? { op: 'literal', value: operand, type: number } : operand.expr;
}
