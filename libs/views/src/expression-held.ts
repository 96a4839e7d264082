import { elementText, type Field, type ListElement } from '@twofold/schemas';
import { fieldDraft, literalBeside, withFault, type ExpressionDraft, type Literal } from './expression-draft.ts';
import { lengthOf, replaced } from './expression-functions.ts';
import { arithmetic, choice, comparison, junction, textTest } from './expression-operators.ts';

/* Bytes and lists stand in columns as texts, base64 and canonical JSON; what is asked of them is asked of those. */

/** Four digits of base64 are three bytes, but for the padding. */
export function bytesLength(of: ExpressionDraft): ExpressionDraft {
  const all = arithmetic('multiply', arithmetic('divide', lengthOf('length', of), 4), 3);
  const number = (value: number): ExpressionDraft => literalBeside(value, all);
  const one = choice(textTest('endsWith', of, '='), number(1), number(0));
  const padding = choice(textTest('endsWith', of, '=='), number(2), one);
  return arithmetic('subtract', all, padding);
}

/** A comma stands between two items and nowhere else. */
export function listLength(of: ExpressionDraft): ExpressionDraft {
  const commas = arithmetic('subtract', lengthOf('length', of), lengthOf('length', replaced(of, ',', '')));
  const items = arithmetic('add', commas, 1);
  return choice(comparison('eq', of, '[]'), literalBeside(0, items), items);
}

/** An item stands alone, first, last or in between. */
export function membershipIn(of: ExpressionDraft, item: Literal, element: ListElement): ExpressionDraft {
  const field: Field = { ...element, name: 'item', source: 'item', optional: false, unit: null, description: null };
  const literal = literalBeside(item, fieldDraft(field));
  const { expr } = literal;
  const value = expr.op !== 'literal' || expr.value === null ? '' : expr.value;
  const text = elementText(typeof value === 'boolean' ? Number(value) : value);
  const found = junction('or', [
    comparison('eq', of, `[${text}]`),
    textTest('startsWith', of, `[${text},`),
    textTest('endsWith', of, `,${text}]`),
    textTest('contains', of, `,${text},`),
  ]);
  return literal.faults.reduce((draft, { code, message }) => withFault(draft, code, message), found);
}
