/**
 * How a column of a result crosses from the child to the parent: `number` is a DOUBLE that holds an integer up to
 * 2^53, `int128` a HUGEINT, `text` a VARCHAR. `number` and `text` may be null.
 */
export type ResultKind = 'number' | 'int128' | 'text';

/**
 * The engine's vectors hold a text of up to 12 bytes themselves, and of a longer one the first 4 bytes and a pointer,
 * which costs microseconds a row to follow. So the bytes behind the first 4 come along in pieces that are short enough
 * to be held; the pointer is followed only for texts that are longer still.
 */
export const TEXT_PREFIX_BYTES = 4;
export const TEXT_PIECE_BYTES = 12;
export const TEXT_PIECES = 3;
/** Texts up to this many bytes of UTF-8 are read without a pointer: UUIDs are. */
export const TEXT_CARRIED_BYTES = TEXT_PREFIX_BYTES + TEXT_PIECES * TEXT_PIECE_BYTES;

/** The select list that carries an expression of this kind: one item, four for a text. */
export function selectItems(kind: ResultKind, sql: string): string[] {
  switch (kind) {
    case 'number':
      return [`(${sql})::double`];
    case 'int128':
      return [`(${sql})::hugeint`];
    case 'text': {
      const pieces = Array.from({ length: TEXT_PIECES }, (_, piece) => {
        const from = TEXT_PREFIX_BYTES + piece * TEXT_PIECE_BYTES + 1;
        const to = from + TEXT_PIECE_BYTES - 1;
        const carried = `strlen(${sql}) between ${TEXT_PIECE_BYTES + 1} and ${TEXT_CARRIED_BYTES}`;
        return `case when ${carried} then encode(${sql})[${from}:${to}] end`;
      });
      return [sql, ...pieces];
    }
  }
}
