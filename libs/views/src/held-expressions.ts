import type { ListElement } from '@twofold/schemas';
import { BooleanExpression, Expression } from './expression-base.ts';
import { NumberExpression } from './expression-builders.ts';
import type { ExpressionDraft, Literal } from './expression-draft.ts';
import { bytesLength, listLength, membershipIn } from './expression-held.ts';
import { comparison } from './expression-operators.ts';

/** Bytes. Literals are base64 with its padding. */
export class BytesExpression<N extends boolean = boolean> extends Expression<N> {
  readonly kind = 'bytes';

  equals(base64: string): BooleanExpression<N> {
    return new BooleanExpression(comparison('eq', this.draft, base64));
  }

  /** How many bytes. */
  byteLength(): NumberExpression<N, 'int'> {
    return new NumberExpression(bytesLength(this.draft));
  }
}

/** A list. `L` is what its items are written as. */
export class ListExpression<N extends boolean = boolean, L extends Literal = Literal> extends Expression<N> {
  readonly kind = 'list';
  private readonly element: ListElement;

  constructor(draft: ExpressionDraft, element: ListElement) {
    super(draft);
    this.element = element;
  }

  /** How many items. */
  length(): NumberExpression<N, 'int'> {
    return new NumberExpression(listLength(this.draft));
  }

  /** Is one of the items this? */
  contains(item: L): BooleanExpression<N> {
    return new BooleanExpression(membershipIn(this.draft, item, this.element));
  }
}
