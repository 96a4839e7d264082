import type { Correction } from './correction.ts';

/**
 * Was the correction planned before a redaction took effect, and appended behind it? Then nobody has looked through its rows
 * for what is erased: it never comes into force, and its rows are removed (E20, E21). An append can land so late, whatever
 * was asked before it was sent.
 * @param redactions numbers of the redactions that the archive has in effect, in that order
 */
export function isOvertaken<File>(
  { number, redactions: known = Infinity }: Correction<File>,
  redactions: readonly number[],
): boolean {
  return redactions.some((redaction, at) => redaction < number && known <= at);
}
