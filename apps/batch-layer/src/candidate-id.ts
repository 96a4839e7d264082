import type { Ids } from '@twofold/service';

const SEQUENCE_DIGITS = 16;

/**
 * The id of a candidate that is planned on the control row of this sequence, and with it the start of its parts' and
 * builds' ids. In text order of ids the candidate of a later row comes later, on whatever machine it was made: the
 * sequence is the store's, no clock's.
 */
export function candidateId(sequence: number, ids: Ids): string {
  return `${plannedFrom(sequence)}-${ids.next()}`;
}

/** Every id of a candidate that is planned on a row of this sequence or a later one is at or above it, in text order. */
export function plannedFrom(sequence: number): string {
  return String(sequence).padStart(SEQUENCE_DIGITS, '0');
}
