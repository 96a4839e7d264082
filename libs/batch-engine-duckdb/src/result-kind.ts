/**
 * How a column of a statement's result crosses from the child to the parent: `number` a DOUBLE that holds an integer
 * up to 2^53, `int128` a HUGEINT, `text` a VARCHAR. `number` and `text` may be null.
 */
export type ResultKind = 'number' | 'int128' | 'text';
