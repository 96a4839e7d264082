import {
  CorrectionError,
  isEmptySelection,
  type CorrectionKind,
  type CorrectionNote,
  type Selection,
} from '@twofold/corrections';

/** What somebody asks for. */
export interface CorrectionRequest extends CorrectionNote {
  readonly stream: string;
  readonly kind: CorrectionKind;
  readonly selection: Selection;
  /** Events as the stream reads them, one JSON object a line. */
  readonly rows: Uint8Array | null;
  /** May it hit every event there is? */
  readonly everything: boolean;
}

/** Throws CORRECTION_INVALID or NOT_BUILT_YET when what is given does not make a correction of this kind. */
export function checkRequest({ kind, selection, rows, reason, author, idempotencyKey }: CorrectionRequest): void {
  if (kind === 'redact')
    throw new CorrectionError(
      'NOT_BUILT_YET',
      'redact is not built yet: it has to erase every copy, in the archive, in each release, in dead letters and logs. Nothing was erased. Until then, retract keeps events out of every answer and leaves the archive as it is.',
    );
  for (const [name, value] of Object.entries({ reason, author, 'idempotency key': idempotencyKey }))
    if (value.trim() === '') throw invalid(`a correction needs a ${name}`);
  const empty = isEmptySelection(selection);
  if (kind === 'add') {
    if (!empty) throw invalid('add brings rows and selects nothing; to change events that are there, use replace');
    if (rows === null) throw invalid('add needs rows: a file with one event a line');
    return;
  }
  if (kind === 'replace' && rows === null) throw invalid('replace needs rows: a file with one event a line');
  if (kind !== 'replace' && rows !== null) throw invalid(`${kind} takes no rows; to bring some, use add or replace`);
  if (empty && kind !== 'replace')
    throw invalid(`${kind} needs something to select by: a condition, ids, a range of event time or of offsets`);
}

function invalid(message: string): CorrectionError {
  return new CorrectionError('CORRECTION_INVALID', `${message}. Nothing was changed.`);
}
