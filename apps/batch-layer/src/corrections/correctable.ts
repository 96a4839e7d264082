import { CorrectionError, type CorrectionKind } from '@twofold/corrections';
import type { Stream } from '@twofold/schemas';
import type { View } from '@twofold/views';
import type { BatchProject } from '../ports.ts';

/**
 * Refuses what would leave half a row: operators read the log, and no correction. A redaction has a way of its own, and what is
 * restated counts as before. Throws CORRECTION_INVALID.
 */
export function requireCorrectable(
  { name, change }: Stream,
  kind: CorrectionKind,
  { streams }: Pick<BatchProject, 'streams'>,
): void {
  if (kind === 'redact' || kind === 'restate') return;
  if (change !== undefined)
    throw invalid(
      `Stream ${name} is made of ${change.of.name} by an operator, which takes back by one record what it added by another: ${kind} would leave half of a row. Send a restatement of the row to stream ${change.of.name}, with a higher revision`,
    );
  const made = streams.flatMap(({ stream }) => (stream.change?.of.name === name ? [stream.name] : []));
  if (made.length === 0) return;
  throw invalid(
    `Stream ${name} is of restatements, of which an operator makes ${made.join(', ')}: it reads the log, where ${kind} changes nothing. Send a restatement of the row to stream ${name}, with a higher revision; of a rejected one, the mended message`,
  );
}

/** What no view reads changes no answer, and is in force nowhere. Throws CORRECTION_INVALID. */
export function requireViews({ name }: Stream, views: readonly View[]): void {
  if (views.length > 0) return;
  throw invalid(`No view reads stream ${name}, so a correction of it changes no answer. Declare a view first`);
}

function invalid(message: string): CorrectionError {
  return new CorrectionError('CORRECTION_INVALID', `${message}. Nothing was changed.`);
}
