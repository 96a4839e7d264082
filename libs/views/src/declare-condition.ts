import type { Stream } from '@twofold/schemas';
import { fieldExpressions, whereOf } from './declare-parts.ts';
import { ViewError, type ViewProblem } from './errors.ts';
import type { BooleanExpression } from './expression-base.ts';
import type { Expr } from './expression.ts';
import type { DimensionBuilders } from './view-declaration.ts';

/**
 * A condition on single events of a stream whose fields are known by name only, as a tree of values. Throws
 * `INVALID_EXPRESSION` with every fault at once.
 */
export function eventCondition(stream: Stream, declare: (event: DimensionBuilders) => BooleanExpression): Expr {
  const problems: ViewProblem[] = [];
  const condition = declare(fieldExpressions(stream));
  const expr = whereOf(condition, (code, path, message) => void problems.push({ code, path, message }), 'condition');
  if (problems.length === 0) return expr;
  throw new ViewError('INVALID_EXPRESSION', problems.map(({ message }) => message).join(' '), { facts: { problems } });
}
