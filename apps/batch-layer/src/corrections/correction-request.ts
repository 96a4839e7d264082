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

/** Throws CORRECTION_INVALID when what is given does not make a correction of this kind. */
export function checkRequest(request: CorrectionRequest): void {
  const { kind, selection, rows, reason, author, approver, idempotencyKey } = request;
  for (const [name, value] of Object.entries({ reason, author, 'idempotency key': idempotencyKey }))
    if (value.trim() === '') throw invalid(`a correction needs a ${name}`);
  const empty = isEmptySelection(selection);
  if (kind === 'add') {
    if (!empty) throw invalid('add brings rows and selects nothing; to change events that are there, use replace');
    if (rows === null) throw invalid('add needs rows: a file with one event a line');
    return;
  }
  if (kind === 'redact' && (approver === null || approver.trim() === '' || approver === author))
    throw invalid('a redaction can not be taken back: somebody else than its author has to agree to it (approver)');
  if (kind === 'replace' && rows === null) throw invalid('replace needs rows: a file with one event a line');
  if (kind !== 'replace' && rows !== null) throw invalid(`${kind} takes no rows; to bring some, use add or replace`);
  if (empty && kind !== 'replace')
    throw invalid(`${kind} needs something to select by: a condition, ids, a range of event time or of offsets`);
}

function invalid(message: string): CorrectionError {
  return new CorrectionError('CORRECTION_INVALID', `${message}. Nothing was changed.`);
}
